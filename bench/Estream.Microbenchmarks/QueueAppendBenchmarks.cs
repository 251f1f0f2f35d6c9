using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using Estream.Queue;

namespace Estream.Microbenchmarks;

/// <summary>Appends a 64-byte message to a queue with the default checksum. Retention recycles the segments.</summary>
[MemoryDiagnoser]
public class QueueAppendBenchmarks
{
    private const int PayloadBytes = 64;

    private readonly byte[] _payload = new byte[PayloadBytes];
    private RecycledQueue _queue = null!;
    private QueueAppender _appender = null!;
    private long _stamp;

    [Params(AppenderMode.Exclusive, AppenderMode.Shared)]
    public AppenderMode Mode { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _queue = new RecycledQueue(Mode);
        _appender = _queue.Appender;
    }

    [GlobalCleanup]
    public void Cleanup() => _queue.Dispose();

    [Benchmark]
    public long Append()
    {
        BinaryPrimitives.WriteInt64LittleEndian(_payload, _stamp++);
        return _appender.Append(_payload);
    }
}
