using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// Seeking by sequence number or time.
public sealed partial class QueueTailer
{
    /// <summary>
    /// Retention deletes segments as fast as others append. A lookup of the oldest segment fails only if retention wins this many times in
    /// a row.
    /// </summary>
    private const int MostAttempts = 16;

    /// <summary>Moves to the message with a sequence number, or to the next one if shared appenders skipped that number.</summary>
    /// <param name="sequence">The sequence number. The number of the next message to be appended moves the tailer to the end.</param>
    /// <exception cref="ArgumentException">The queue has not reached this number. The tailer does not move.</exception>
    /// <exception cref="EstreamStorageException">Retention has deleted the message.</exception>
    /// <exception cref="EstreamCorruptionException">A segment read by the search is damaged. The tailer does not move.</exception>
    /// <remarks>Reads the headers of O(log n) segments and scans about 64 KiB of messages.</remarks>
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
            Show(_segment);
            next = _segment.FirstSequence;
            return TryWalkTo((in QueueMessage message) => (next = message.Sequence + 1) > sequence) || sequence <= next;
        });
        if (!found && next > sequence && sequence >= 0)
        {
            throw new EstreamStorageException(
                $"Message {sequence} of queue '{_queue.Directory}' was deleted by retention; the oldest one is {next}. SeekToStart() "
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

    /// <summary>Moves to the first message that is not older than a time, or to the end if all are older.</summary>
    /// <param name="utcNanos">
    /// Nanoseconds since 1970-01-01 UTC. Messages store their time in units of 100 µs. It is usually at most one millisecond late: a thread
    /// of the appending process reads the clock every half millisecond, and may be delayed by the scheduler.
    /// </param>
    /// <exception cref="EstreamCorruptionException">A segment read by the search is damaged. The tailer does not move.</exception>
    /// <remarks>
    /// Costs as much as <see cref="SeekToSequence"/>. If several processes appended at once, messages around the time may be out of order
    /// by the delay of a writer. The search compares the start times of segments: if the clock was set back while shared appenders began a
    /// segment, the tailer may move to a later message than the first.
    /// </remarks>
    public void SeekToTime(long utcNanos)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _ = StayUnless(() =>
        {
            if (TryEnterLast(segment => segment.BaseTime < utcNanos))
            {
                _offset = Reachable(SegmentIndex.BeforeTime(_segment!, utcNanos));
                Show(_segment!);
            }

            // The scan also runs if the first segment is not older than the time: recovery may have truncated all its messages, and later
            // messages may be older if a clock was set back.
            _ = TryWalkTo((in QueueMessage message) => message.Time >= utcNanos);
            return true;
        });
        Commit();
    }

    /// <summary>Enters the last segment for which the predicate holds, by binary search; the oldest segment if it holds for none.</summary>
    /// <returns>Whether the predicate holds for any segment.</returns>
    private bool TryEnterLast(Func<Segment, bool> isBefore)
    {
        IReadOnlyList<long> indexes = ListReadable();
        int low = 0;
        int high = indexes.Count - 1;
        int best = -1;
        while (low <= high)
        {
            int middle = (low + high) / 2;

            // Retention deleted a missing segment, so the message is not before that segment.
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
                // Retention deleted segments in the meantime: the message is in the remaining ones, or gone.
                best = -1;
            }
        }
    }

    // Segments beyond a read limit are not part of the log, and may not even be valid.
    private IReadOnlyList<long> ListReadable()
    {
        IReadOnlyList<long> indexes = _queue.ListSegments();
        return _queue.Limit is { } limit ? [.. indexes.Where(index => index <= limit.Index)] : indexes;
    }

    // Beyond a read limit the index still names frames that recovery will truncate: a reader must not wait there.
    private long Reachable(long hint) => _queue.Limit?.IsBehind(_segment!.Index, hint) == true ? SegmentLayout.HeaderBytes : hint;

    /// <summary>Reads up to the first message that satisfies a condition, and stays before it; at the end if there is none.</summary>
    private bool TryWalkTo(MessageCondition isIt)
    {
        // Without the cursor, reading does not consume the skipped messages.
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
