using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// Going to a message by its number or its time.
public sealed partial class QueueTailer
{
    /// <summary>Retention gives up one segment after another, as fast as others append; so often it has to win against one look for the
    /// oldest.</summary>
    private const int MostAttempts = 16;

    /// <summary>Goes to the message with a sequence number, or to the next one if shared appenders left that number out.</summary>
    /// <param name="sequence">The number; that of the message to come goes to the end.</param>
    /// <exception cref="ArgumentException">The queue has not come that far. The tailer stays where it was.</exception>
    /// <exception cref="EstreamStorageException">The message was there but has been given up by retention.</exception>
    /// <exception cref="EstreamCorruptionException">A segment is damaged on the way. The tailer stays where it was.</exception>
    /// <remarks>Costs a look at the headers of a logarithm of the segments, and a walk over some 64 KiB of messages.</remarks>
    public void SeekToSequence(long sequence)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        long next = 0;
        bool found = sequence >= 0 && StayUnless(() =>
        {
            if (!TryEnterLast(segment => segment.FirstSequence <= sequence))
            {
                next = _segment?.FirstSequence ?? 0;
                return _segment is null && sequence == 0;
            }

            _offset = Reachable(SegmentIndex.BeforeNumber(_segment!, (uint)Math.Min(sequence - _segment!.FirstSequence, uint.MaxValue)));
            next = _segment.FirstSequence;
            return TryWalkTo((in QueueMessage message) => (next = message.Sequence + 1) > sequence) || sequence <= next;
        });
        if (!found && next > sequence && sequence >= 0)
        {
            throw new EstreamStorageException(
                $"Message {sequence} of queue '{_queue.Directory}' was given up by retention; the oldest one is {next}. SeekToStart() "
                + "goes there.",
                _queue.Directory, StorageFailure.NotFound);
        }

        if (!found)
        {
            throw new ArgumentException($"Queue '{_queue.Directory}' has no message {sequence}: the next one will be {next}.",
                nameof(sequence));
        }

        Commit();
    }

    /// <summary>Goes to the first message that is not older than a time, or to the end when all are.</summary>
    /// <param name="utcNanos">
    /// Nanoseconds since 1970-01-01 UTC. Messages carry their time in units of 100 µs, and usually at most a millisecond stale: a thread of
    /// the appending process reads the clock each half millisecond, and is as late as the machine is in running it.
    /// </param>
    /// <exception cref="EstreamCorruptionException">A segment is damaged on the way. The tailer stays where it was.</exception>
    /// <remarks>
    /// Costs what <see cref="SeekToSequence"/> does. Where several processes appended at once, messages around the time may be in another
    /// order than their times, by as much as a writer was held up.
    /// </remarks>
    public void SeekToTime(long utcNanos)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _ = StayUnless(() =>
        {
            if (TryEnterLast(segment => segment.BaseTime < utcNanos))
            {
                _offset = Reachable(SegmentIndex.BeforeTime(_segment!, utcNanos));
            }

            // Also from the oldest segment: a cut may have left it empty, and what follows may be older than it, where a clock was set
            // back.
            _ = TryWalkTo((in QueueMessage message) => message.Time >= utcNanos);
            return true;
        });
        Commit();
    }

    /// <summary>Enters the last segment that lies before something, by binary search; the oldest one when none does.</summary>
    /// <returns>Whether one does.</returns>
    private bool TryEnterLast(Func<Segment, bool> isBefore)
    {
        IReadOnlyList<long> indexes = ListReadable();
        int low = 0;
        int high = indexes.Count - 1;
        int best = -1;
        while (low <= high)
        {
            int middle = (low + high) / 2;

            // One that is not there any more was given up: what is sought is not before it.
            if (_queue.Segments.Acquire(indexes[middle]) is not { } segment)
            {
                low = middle + 1;
                continue;
            }

            bool before = isBefore(segment);
            _queue.Segments.Release(segment);
            (low, high, best) = before ? (middle + 1, high, middle) : (low, middle - 1, best);
        }

        for (int attempt = 1; ; attempt++)
        {
            GoTo(best < 0 ? _queue.OldestPosition() : (indexes[best] * _queue.SegmentBytes) + SegmentLayout.HeaderBytes);
            try
            {
                return TryEnterSegment() && best >= 0;
            }
            catch (EstreamStorageException gone) when (gone.Reason == StorageFailure.NotFound && attempt < MostAttempts)
            {
                // Retention was there in between: what is sought is in what is left, or gone.
                best = -1;
            }
        }
    }

    // What a limit leaves out is not part of the log, and may not even be a segment.
    private IReadOnlyList<long> ListReadable()
    {
        IReadOnlyList<long> indexes = _queue.ListSegments();
        return _queue.Limit is { } limit ? [.. indexes.Where(index => index <= limit.Index)] : indexes;
    }

    // Behind a limit the index still names frames that whoever recovers the log cuts off: a reader must not wait there.
    private long Reachable(long hint) => _queue.Limit?.IsBehind(_segment!.Index, hint) == true ? SegmentLayout.HeaderBytes : hint;

    /// <summary>Reads on to the first message for which a condition holds, and stays before it; at the end when there is none.</summary>
    private bool TryWalkTo(MessageCondition isIt)
    {
        // What is passed on the way is not consumed.
        TailerCursor? cursor = _cursor;
        _cursor = null;
        try
        {
            while (TryRead(out QueueMessage message))
            {
                if (isIt(message))
                {
                    _offset = message.Position - _basePosition;
                    return true;
                }
            }

            return false;
        }
        finally
        {
            _cursor = cursor;
        }
    }

    private delegate bool MessageCondition(in QueueMessage message);
}
