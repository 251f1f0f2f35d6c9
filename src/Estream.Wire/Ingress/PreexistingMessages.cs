using Estream.Core;
using Estream.Queue;

namespace Estream.Wire;

/// <summary>The messages that a queue contained when this process began to append. They show which positions recorded by an
/// <see cref="IAppendNote"/> received their message.</summary>
/// <param name="queue">The queue.</param>
/// <param name="end">The position after the last of these messages.</param>
/// <param name="nextSequence">The sequence number after the last of these messages.</param>
internal sealed class PreexistingMessages(EstreamQueue queue, long end, long nextSequence)
{
    /// <summary>The position after the last of these messages.</summary>
    public long End => end;

    /// <summary>
    /// The queue and the end of these messages, if they must be durable before one of them is acknowledged; null otherwise. A process that
    /// was killed may not have flushed them.
    /// </summary>
    public (EstreamQueue Queue, long Position)? Undurable =>
        nextSequence > 0 && queue.IngressDurability.IsDurable ? (queue, end - 1) : null;

    /// <summary>Whether a message of this length starts at a position, and was appended by an earlier process.</summary>
    public bool Has(long position, int length)
    {
        if (position < 0 || position >= end)
        {
            return false;
        }

        using QueueTailer tailer = queue.CreateTailer();
        try
        {
            tailer.Seek(position);
            return tailer.TryPeek(out QueueMessage message) && message.Position == position && message.Payload.Length == length;
        }
        catch (Exception failure) when (failure is ArgumentException or EstreamException)
        {
            // No message starts there, or retention has deleted it.
            return false;
        }
    }
}
