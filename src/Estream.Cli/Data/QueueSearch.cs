using Estream.Cli.Output;
using Estream.Queue;

namespace Estream.Cli.Data;

/// <summary>Finds a message by sequence number or time: backwards by segments, then forwards by messages.</summary>
internal static class QueueSearch
{
    /// <summary>Takes a tailer to the first message that is not too early, or to the end.</summary>
    /// <param name="tailer">Moved; whatever it was at is left.</param>
    /// <param name="queue">The queue as it was a moment ago.</param>
    /// <param name="isTooEarly">True up to some message and false from there on, as for sequence numbers and times.</param>
    public static void SeekTo(QueueTailer tailer, QueueInfo queue, Func<MessagePlace, bool> isTooEarly)
    {
        SeekToSegment(tailer, queue, isTooEarly);
        while (tailer.TryRead(out QueueMessage message))
        {
            if (!isTooEarly(new MessagePlace(message.Position, message.Sequence, message.Time)))
            {
                tailer.Seek(message.Position);
                return;
            }

        }
    }

    // The newest segment whose first message is too early; the oldest where there is none.
    private static void SeekToSegment(QueueTailer tailer, QueueInfo queue, Func<MessagePlace, bool> isTooEarly)
    {
        long headerBytes = queue.FirstPosition % queue.SegmentBytes;
        long newest = queue.EndPosition / queue.SegmentBytes * queue.SegmentBytes;
        for (long start = newest + headerBytes; start > queue.FirstPosition; start -= queue.SegmentBytes)
        {
            // At the end of the log a new segment may not hold a message yet.
            if (start < queue.EndPosition && IsFirstTooEarly(tailer, start, isTooEarly))
            {
                return;
            }
        }

        tailer.SeekToStart();
    }

    private static bool IsFirstTooEarly(QueueTailer tailer, long position, Func<MessagePlace, bool> isTooEarly)
    {
        tailer.Seek(position);
        bool isIt = tailer.TryRead(out QueueMessage message) && isTooEarly(new MessagePlace(message.Position, message.Sequence, message.Time));
        tailer.Seek(position);
        return isIt;
    }
}
