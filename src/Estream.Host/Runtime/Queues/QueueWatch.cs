using Estream.Core;
using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>
/// Follows the end of one queue for the console: how many messages, how fast, where the newest lie. Reads frame
/// headers only and never writes. Thread-safe: one sampler advances it, any number of requests look.
/// </summary>
internal sealed class QueueWatch : IDisposable
{
    /// <summary>One advance looks at so many messages at most; the rest waits for the next.</summary>
    private const int DefaultMessagesPerAdvance = 4_000_000;

    private readonly Lock _lock = new();
    private readonly EstreamQueue _queue;
    private readonly QueueTailer _tailer;
    private readonly QueueCheckpoints _marks = new();
    private readonly int _messagesPerAdvance;
    private QueueExtent _extent;
    private EstreamException? _damage;
    private string? _told;

    public QueueWatch(EstreamQueue queue, int messagesPerAdvance = DefaultMessagesPerAdvance)
    {
        _queue = queue;
        _messagesPerAdvance = messagesPerAdvance;
        QueueInfo info = queue.GetInfo();
        _extent = Extent(info);
        _tailer = queue.CreateTailer();
        try
        {
            _tailer.Seek(StartOf(info));
        }
        catch (EstreamException damage)
        {
            PassOver(damage);
        }
    }

    public QueueExtent Extent()
    {
        lock (_lock)
        {
            return _extent;
        }
    }

    /// <summary>
    /// Walks to the end of the queue and notes what it passes. Damage on the way is passed over, see <see cref="TakeDamage"/>:
    /// appender and folds may have nothing to do with it, and other queues nothing at all.
    /// </summary>
    public void Advance()
    {
        lock (_lock)
        {
            try
            {
                AdvanceCore();
            }
            catch (EstreamException damage)
            {
                PassOver(damage);
            }
        }
    }

    /// <summary>What was passed over since the last call; null when nothing was.</summary>
    public EstreamException? TakeDamage() => Interlocked.Exchange(ref _damage, null);

    /// <summary>Where to start reading in order to meet message <paramref name="sequence"/> soon; false for an empty queue.</summary>
    public bool TryFind(long sequence, out long position)
    {
        lock (_lock)
        {
            return _marks.TryFind(sequence, out position);
        }
    }

    /// <summary>Waits for an advance that is under way: it reads what is unmapped next.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _tailer.Dispose();
        }
    }

    private void AdvanceCore()
    {
        long segmentBefore = _extent.EndPosition / _queue.SegmentBytes;
        for (int i = 0; i < _messagesPerAdvance && _tailer.TryRead(out QueueMessage message); i++)
        {
            long sequence = message.Sequence;
            _marks.Offer(sequence, message.Position);
            if (sequence >= _extent.NextSequence)
            {
                // Not while a long log is walked for the first time: what it holds is known from its opening.
                _extent = _extent with { NextSequence = sequence + 1, EndPosition = _tailer.Position };
            }
        }

        if (_extent.EndPosition / _queue.SegmentBytes != segmentBefore)
        {
            // Retention gives segments up only when a new one is needed, so this is the time to look again.
            QueueInfo info = _queue.GetInfo();
            _extent = _extent with { FirstSequence = info.FirstSequence, FirstPosition = info.FirstPosition };
        }
    }

    /// <summary>Goes on at the end. What is met again and again is told once.</summary>
    private void PassOver(EstreamException damage)
    {
        if (damage.Message != _told)
        {
            _damage = damage;
            _told = damage.Message;
        }

        _marks.Clear();
        try
        {
            _tailer.SeekToEnd();
            _extent = Extent(_queue.GetInfo());
        }
        catch (EstreamException)
        {
            // The end cannot be found either: this queue's figures stand still, and the others' go on.
        }
    }

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

/// <summary>What a queue holds at a moment.</summary>
internal readonly record struct QueueExtent(long FirstSequence, long NextSequence, long FirstPosition, long EndPosition, long SegmentBytes)
{
    public long MessageCount => NextSequence - FirstSequence;

    /// <summary>Bytes of log between the oldest message and the end, frames included.</summary>
    public long Bytes => EndPosition - FirstPosition;

    public int SegmentCount => (int)((EndPosition / SegmentBytes) - (FirstPosition / SegmentBytes)) + 1;
}
