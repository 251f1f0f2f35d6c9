using Estream.Core;
using Estream.Queue;

namespace Estream.Wire;

/// <summary>The messages that a queue had when this process began to append, to check which positions of an <see cref="IAppendNote"/> were
/// used.</summary>
internal sealed class PreexistingMessages(EstreamQueue queue, long end)
{
    /// <summary>The position after the last of them.</summary>
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
            // None starts there, or retention has deleted it.
            return false;
        }
    }
}
