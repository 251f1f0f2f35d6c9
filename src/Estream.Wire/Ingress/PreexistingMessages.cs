using Estream.Core;
using Estream.Queue;

namespace Estream.Wire;

/// <summary>The messages a queue held when this process began to append to it: what an <see cref="IAppendNote"/> announced, and what of it
/// came to be.</summary>
internal sealed class PreexistingMessages(EstreamQueue queue, long end)
{
    /// <summary>The position after the last of them.</summary>
    public long End => end;

    /// <summary>Whether a message of this length starts at a position, and did before this process appended anything.</summary>
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
            // None starts there, or it is given up by now.
            return false;
        }
    }
}
