using Estream.Queue;

namespace Estream.Microbenchmarks;

/// <summary>A queue in a new directory, whose retention recycles the segments, with an appender.</summary>
internal sealed class RecycledQueue : IDisposable
{
    private const long SegmentBytes = 16L << 20;
    private const int RetainedSegments = 4;

    private readonly TemporaryDirectory _directory = new();
    private readonly EstreamQueue _queue;

    public RecycledQueue(AppenderMode mode)
    {
        _queue = EstreamQueue.Open(_directory.Path, new QueueOptions
        {
            SegmentBytes = SegmentBytes,
            RetainedBytes = RetainedSegments * SegmentBytes,
        });
        Appender = _queue.CreateAppender(mode);
    }

    public QueueAppender Appender { get; }

    public void Dispose()
    {
        Appender.Dispose();
        _queue.Dispose();
        _directory.Dispose();
    }
}
