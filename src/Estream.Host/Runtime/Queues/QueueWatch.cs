using Estream.Core;
using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>
/// Follows the end of one queue for the console: message count, rate, and positions of the newest messages. Reads only frame headers and
/// never writes. Thread-safe: one sampler advances it, any number of requests read it.
/// </summary>
internal sealed class QueueWatch : IDisposable
{
    /// <summary>The maximum number of messages per advance; the rest is read by the next advance.</summary>
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
    /// Reads to the end of the queue and updates extent and checkpoints. Skips damage and reports it by <see cref="TakeDamage"/>: the
    /// appender and the maps may still work, and other queues do.
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

    /// <summary>Returns the damage skipped since the last call; null if there was none.</summary>
    public EstreamException? TakeDamage() => Interlocked.Exchange(ref _damage, null);

    /// <summary>Finds a position shortly before message <paramref name="sequence"/>; returns false for an empty queue.</summary>
    public bool TryFind(long sequence, out long position)
    {
        lock (_lock)
        {
            return _marks.TryFind(sequence, out position);
        }
    }

    /// <summary>Disposes the tailer. Waits for a running advance, which reads the memory that is unmapped next.</summary>
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
                // The constructor has already read the extent, so only messages appended since then advance it.
                long end = _tailer.Position;
                _extent = _extent with
                {
                    NextSequence = sequence + 1, EndPosition = end, Bytes = _queue.BytesBetween(_extent.FirstPosition, end),
                };
            }
        }

        if (_extent.EndPosition / _queue.SegmentBytes != segmentBefore)
        {
            // Retention deletes segments only when a new segment is created, so update the start now.
            QueueInfo info = _queue.GetInfo();
            _extent = _extent with
            {
                FirstSequence = info.FirstSequence, FirstPosition = info.FirstPosition,
                Bytes = _queue.BytesBetween(info.FirstPosition, _extent.EndPosition),
            };
        }
    }

    /// <summary>Continues at the end of the queue. Repeated damage is reported once.</summary>
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
            // The end of the queue cannot be found either: keep the extent. Other queues are not affected.
        }
    }

    private static QueueExtent Extent(QueueInfo info) =>
        new(info.FirstSequence, info.NextSequence, info.FirstPosition, info.EndPosition, info.SegmentBytes) { Bytes = info.LogBytes };

    /// <summary>Returns the start of the second-to-last segment, so the newest messages are known just after a segment change.</summary>
    private static long StartOf(QueueInfo info)
    {
        long headerBytes = info.FirstPosition % info.SegmentBytes;
        long lastSegment = (info.EndPosition / info.SegmentBytes * info.SegmentBytes) + headerBytes;
        return Math.Max(info.FirstPosition, lastSegment - info.SegmentBytes);
    }
}

/// <summary>The extent of a queue at one moment.</summary>
internal readonly record struct QueueExtent(long FirstSequence, long NextSequence, long FirstPosition, long EndPosition, long SegmentBytes)
{
    public long MessageCount => NextSequence - FirstSequence;

    /// <summary>Bytes of log between the oldest message and the end, frames included.</summary>
    public long Bytes { get; init; }

    public int SegmentCount => (int)((EndPosition / SegmentBytes) - (FirstPosition / SegmentBytes)) + 1;
}
