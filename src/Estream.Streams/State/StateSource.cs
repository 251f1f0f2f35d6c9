using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Operators;

namespace Estream.Streams.State;

/// <summary>Puts the messages of a state stream and its key removals into the map, and skips everything else.</summary>
internal sealed class StateSource<TView>(EventSelector<TView, ReadOnlySpan<byte>> key, StateEnd state) : Source
    where TView : struct, IEsfView<TView>, allows ref struct
{
    private const long NoMessage = -1;

    public override int Pump(QueueTailer tailer, PumpEnd end, int most)
    {
        int count = 0;
        long inHand = NoMessage;
        try
        {
            while (count < most && tailer.TryRead(out QueueMessage message))
            {
                inHand = message.Position;
                count++;
                BytesRead += message.Payload.Length;
                Take(in message);
                inHand = NoMessage;
            }

            return count;
        }
        catch
        {
            if (inHand != NoMessage)
            {
                _ = end.Refuse(tailer, inHand);
            }

            throw;
        }
    }

    private void Take(in QueueMessage message)
    {
        if (Message.TryView(message.Payload, message.Position, out TView view))
        {
            state.Put(StateKeys.Take(key(in view), message.Position), in message);
        }
        else if (Message.TryView(message.Payload, message.Position, out StateRemovalRecord.View removal))
        {
            state.Remove(StateKeys.Take(removal.Key, message.Position), in message);
        }
        else
        {
            Passed++;
        }
    }
}

/// <summary>The check of a key, and the user words in which the map stores the progress of compaction.</summary>
internal static class StateKeys
{
    /// <summary>A hash of the stream's name; 0 until the first message.</summary>
    public const int OriginWord = 0;

    /// <summary>The position from which compaction resumes after a crash: all messages before it are in the map.</summary>
    public const int FoldedWord = 1;

    /// <summary>The position of the newest message that may be in the map; stored before the message is put.</summary>
    public const int NewestWord = 2;

    /// <summary>The position from which compaction resumes after a power failure: all messages before it are durable in the map.</summary>
    public const int DurableWord = 3;

    /// <summary>Returns the key of a message from another writer, after checking its length.</summary>
    /// <exception cref="EstreamFormatException">The key is too long.</exception>
    public static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> key, long position) => key.Length <= EsfState.MaxKeyBytes
        ? key
        : throw new EstreamFormatException(
            $"The key of the message at position {position} has {key.Length} bytes; a state's key has at most {EsfState.MaxKeyBytes}.",
            null);

    public static ReadOnlySpan<byte> Check(ReadOnlySpan<byte> key) => key.Length <= EsfState.MaxKeyBytes
        ? key
        : throw new ArgumentException(
            $"The key has {key.Length} bytes; a state's key has at most {EsfState.MaxKeyBytes}. Take a shorter field, or a digest of it.",
            nameof(key));
}
