using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using Estream.Queue;

namespace Estream.Microbenchmarks;

/// <summary>Reads the next message of a filled queue. At the end of the queue the tailer starts again at the first message.</summary>
[MemoryDiagnoser]
public class QueueReadBenchmarks
{
    private const int PayloadBytes = 64;
    private const int Messages = 1 << 18;

    private TemporaryDirectory _directory = null!;
    private EstreamQueue _queue = null!;
    private QueueTailer _tailer = null!;

    [GlobalSetup]
    public void Setup()
    {
        _directory = new TemporaryDirectory();
        _queue = EstreamQueue.Open(_directory.Path);
        using (QueueAppender appender = _queue.CreateAppender(AppenderMode.Exclusive))
        {
            Span<byte> payload = stackalloc byte[PayloadBytes];
            for (long message = 0; message < Messages; message++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(payload, message);
                appender.Append(payload);
            }
        }

        _tailer = _queue.CreateTailer();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _tailer.Dispose();
        _queue.Dispose();
        _directory.Dispose();
    }

    [Benchmark]
    public long Read()
    {
        QueueMessage message;
        while (!_tailer.TryRead(out message))
        {
            _tailer.SeekToStart();
        }

        return BinaryPrimitives.ReadInt64LittleEndian(message.Payload);
    }
}
