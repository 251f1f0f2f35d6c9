using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using Estream.Queue;

namespace Estream.Microbenchmarks;

/// <summary>Appends a 64-byte message to a queue with the default checksum. Retention recycles the segments.</summary>
[MemoryDiagnoser]
public class QueueAppendBenchmarks
{
    private const int PayloadBytes = 64;
    private const long SegmentBytes = 16L << 20;
    private const int RetainedSegments = 4;

    private readonly byte[] _payload = new byte[PayloadBytes];
    private TemporaryDirectory _directory = null!;
    private EstreamQueue _queue = null!;
    private QueueAppender _appender = null!;
    private long _stamp;

    [Params(AppenderMode.Exclusive, AppenderMode.Shared)]
    public AppenderMode Mode { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _directory = new TemporaryDirectory();
        _queue = EstreamQueue.Open(_directory.Path, new QueueOptions
        {
            SegmentBytes = SegmentBytes,
            RetainedBytes = RetainedSegments * SegmentBytes,
        });
        _appender = _queue.CreateAppender(Mode);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _appender.Dispose();
        _queue.Dispose();
        _directory.Dispose();
    }

    [Benchmark]
    public long Append()
    {
        BinaryPrimitives.WriteInt64LittleEndian(_payload, _stamp++);
        return _appender.Append(_payload);
    }
}
