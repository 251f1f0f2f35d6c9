using Estream.Core;
using Estream.Queue;

namespace Estream.Net.Multicast.Internal;

/// <summary>
/// A place in the log of the source that knows the position of the message before it. Not thread-safe; reading allocates nothing, seeking
/// allocates little.
/// </summary>
internal sealed class LogCursor(EstreamQueue queue) : IDisposable
{
    /// <summary>A request reads on from here if its anchor is at most this far ahead, because a seek costs about as much.</summary>
    private const long NearBytes = 64 << 10;

    private readonly QueueTailer _tailer = queue.CreateTailer();

    /// <summary>The position of the last message passed, or one of the values of <see cref="DataHeader.Previous"/>.</summary>
    public long Previous { get; private set; } = DataHeader.NoPrevious;

    /// <summary>The sequence number of the last message passed; -1 if unknown.</summary>
    public long PreviousSequence { get; private set; } = -1;

    /// <summary>The end address of the last message passed; 0 if there is none.</summary>
    public long PreviousEnd { get; private set; }

    /// <summary>Returns the next message without passing it; valid until the next call.</summary>
    public bool TryPeek(out QueueMessage message) => _tailer.TryPeek(out message);

    /// <summary>Passes the message that <see cref="TryPeek"/> returned.</summary>
    public void Advance()
    {
        if (_tailer.TryRead(out QueueMessage message))
        {
            Previous = message.Position;
            PreviousSequence = message.Sequence;
            PreviousEnd = PacketLayout.EndOf(message.Position, message.Payload.Length);
        }
    }

    /// <summary>Moves to the oldest message.</summary>
    public void SeekToStart()
    {
        Forget(DataHeader.UnknownPrevious);
        _tailer.SeekToStart();
        Forget(DataHeader.NoPrevious);
    }

    /// <summary>Moves behind the last message. Finds that message by its sequence number, so the cost does not depend on the length of
    /// the log, except where many numbers were skipped.</summary>
    public void SeekToEnd()
    {
        long next = queue.GetInfo().NextSequence;
        for (long back = 1; ; back *= 2)
        {
            if (back >= next || !TrySeekToSequence(next - back))
            {
                SeekToStart();
            }

            bool isFound = false;
            while (TryPeek(out _))
            {
                Advance();
                isFound = true;
            }

            if (isFound || back >= next)
            {
                return;
            }
        }
    }

    /// <summary>Moves to the message after an anchor, or to the anchor itself if the range begins before its end.</summary>
    /// <param name="anchor">The position of a message; 0 for the start of the log.</param>
    /// <param name="from">The first address of the range.</param>
    /// <returns>Null, or why the message cannot be sent.</returns>
    public RefusalReason? Seek(long anchor, long from)
    {
        if (IsAfter(anchor, from))
        {
            return null;
        }

        if (anchor == 0)
        {
            SeekToStart();
            return null;
        }

        if (Previous > 0 && anchor > Previous && anchor - Previous <= NearBytes && TryWalkBefore(anchor))
        {
            PassIfBefore(from);
            return null;
        }

        try
        {
            // First: the tailer moves to any frame, and then to the message after it, even if the anchor is refused.
            Forget(DataHeader.UnknownPrevious);
            if (!_tailer.TrySeek(anchor) || !TryPeek(out QueueMessage message) || message.Position != anchor)
            {
                return RefusalReason.NoMessage;
            }
        }
        catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound)
        {
            return RefusalReason.Deleted;
        }

        PassIfBefore(from);
        return null;
    }

    /// <summary>Whether the cursor is after an anchor that ends before a range, so no seek is needed.</summary>
    public bool IsAfter(long anchor, long from) => anchor > 0 && Previous == anchor && PreviousEnd <= from;

    public void Dispose() => _tailer.Dispose();

    private bool TryWalkBefore(long position)
    {
        QueueMessage message;
        while (TryPeek(out message) && message.Position < position)
        {
            Advance();
        }

        return message.Position == position;
    }

    private void PassIfBefore(long from)
    {
        if (TryPeek(out QueueMessage message) && PacketLayout.EndOf(message.Position, message.Payload.Length) <= from)
        {
            Advance();
        }
    }

    private bool TrySeekToSequence(long sequence)
    {
        try
        {
            Forget(DataHeader.UnknownPrevious);
            _tailer.SeekToSequence(sequence);
            return true;
        }
        catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound)
        {
            return false;
        }
    }

    private void Forget(long previous)
    {
        Previous = previous;
        PreviousSequence = -1;
        PreviousEnd = 0;
    }
}
