using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>
/// Follows the end of one queue for the console: how many messages, how fast, where the newest lie. Reads frame
/// headers only and never writes. Thread-safe: one sampler advances it, any number of requests look.
/// </summary>
internal sealed class QueueWatch : IDisposable
{
    /// <summary>One advance looks at so many messages at most; the rest waits for the next.</summary>
    private const int MaxMessagesPerAdvance = 4_000_000;

    private readonly Lock _lock = new();
    private readonly EstreamQueue _queue;
    private readonly QueueTailer _tailer;
    private readonly QueueMarks _marks = new();
    private QueueExtent _extent;

    public QueueWatch(EstreamQueue queue)
    {
        _queue = queue;
        QueueInfo info = queue.GetInfo();
        _extent = Extent(info);
        _tailer = queue.CreateTailer();
        _tailer.Seek(StartOf(info));
    }

    public QueueExtent Extent()
    {
        lock (_lock)
        {
            return _extent;
        }
    }

    /// <summary>Walks to the end of the queue and notes what it passes.</summary>
    public void Advance()
    {
        lock (_lock)
        {
            long segmentBefore = _extent.EndPosition / _queue.SegmentBytes;
            for (int i = 0; i < MaxMessagesPerAdvance && _tailer.TryRead(out QueueMessage message); i++)
            {
                long sequence = message.Sequence;
                _marks.Offer(sequence, message.Position);
                _extent = _extent with { NextSequence = sequence + 1, EndPosition = _tailer.Position };
            }

            if (_extent.EndPosition / _queue.SegmentBytes != segmentBefore)
            {
                // Retention gives segments up only when a new one is needed, so this is the time to look again.
                QueueInfo info = _queue.GetInfo();
                _extent = _extent with { FirstSequence = info.FirstSequence, FirstPosition = info.FirstPosition };
            }
        }
    }

    /// <summary>Where to start reading in order to meet message <paramref name="sequence"/> soon; false for an empty queue.</summary>
    public bool TryFind(long sequence, out long position)
    {
        lock (_lock)
        {
            return _marks.TryFind(sequence, out position);
        }
    }

    public void Dispose() => _tailer.Dispose();

    private static QueueExtent Extent(QueueInfo info) =>
        new(info.FirstSequence, info.NextSequence, info.FirstPosition, info.EndPosition, info.SegmentBytes);

    /// <summary>The start of the last segment but one: enough to know the newest messages just after a change of segment.</summary>
    private static long StartOf(QueueInfo info)
    {
        long headerBytes = info.FirstPosition % info.SegmentBytes;
        long lastSegment = (info.EndPosition / info.SegmentBytes * info.SegmentBytes) + headerBytes;
        return Math.Max(info.FirstPosition, lastSegment - info.SegmentBytes);
    }
}
