using Estream.Core;
using Estream.Queue;

namespace Estream.Wire;

/// <summary>The messages that a queue contained when this process began to append. They show which positions recorded by an
/// <see cref="IAppendNote"/> received their message.</summary>
internal sealed class PreexistingMessages(EstreamQueue queue, long end)
{
    /// <summary>The position after the last of these messages.</summary>
    public long End => end;

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
