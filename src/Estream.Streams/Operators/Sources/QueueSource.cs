using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Observing;

namespace Estream.Streams.Operators;

/// <summary>Converts messages to events. A struct, so that the JIT specializes the loop of a source for it.</summary>
internal interface IMessageEvents<T>
    where T : allows ref struct
{
    /// <summary>Converts a message to an event if the source should take it.</summary>
    /// <exception cref="Core.EstreamFormatException">The message has the schema's id or name but cannot be read.</exception>
    bool TryTake(in QueueMessage message, out T item);
}

/// <summary>Reads the messages of one schema, and skips all others.</summary>
internal sealed class QueueSource<T, TEvents>(TEvents events, Stage<T> first) : Source
    where T : allows ref struct
    where TEvents : struct, IMessageEvents<T>
{
    private const long NoMessage = -1;

    private readonly TEvents _events = events;

    public override int Pump(QueueTailer tailer, PumpEnd end, int most)
    {
        int count = 0;
        long inHand = NoMessage;
        MessageObserver? observer = Observer;
        try
        {
            while (count < most && !end.IsFull && tailer.TryRead(out QueueMessage message))
            {
                inHand = message.Position;
                count++;
                BytesRead += message.Payload.Length;
                observer?.Take(in message, Side);
                bool isTaken = _events.TryTake(in message, out T item);
                if (isTaken)
                {
                    first.Push(in item, in message);
                }
                else
                {
                    Passed++;
                }

                observer?.Taken(isPassed: !isTaken);
                inHand = NoMessage;
            }

            return count;
        }
        catch
        {
            if (inHand != NoMessage)
            {
                observer?.Retract();
            }

            // If the read itself failed, the last message was already processed. If a message failed, the messages before it are committed
            // first; the next call starts with the failed message and throws.
            bool isKept = inHand == NoMessage || end.Refuse(tailer, inHand);
            if (inHand != NoMessage && isKept && count > 1)
            {
                return count - 1;
            }

            if (!isKept)
            {
                observer?.Forget();
            }

            throw;
        }
    }
}

/// <summary>Converts messages of a schema known at compile time to views.</summary>
internal readonly struct ViewEvents<TView> : IMessageEvents<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    public bool TryTake(in QueueMessage message, out TView item) => Message.TryView(message.Payload, message.Position, out item);
}

/// <summary>Converts messages to views after filtering by lattice and address, and unsealing. Messages that the filter skips, or that are
/// not for the unsealer's audiences, are skipped.</summary>
internal readonly struct UnsealedEvents<TView>(EsfUnsealer? reader, EsfMessageFilter? filter) : IMessageEvents<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    public bool TryTake(in QueueMessage message, out TView item) =>
        UnsealedMessage.TryView(reader, filter, message.Payload, message.Position, out item);
}

/// <summary>The start of a pipeline that is set up: reads events and passes them to the first operator.</summary>
internal abstract class Source
{
    /// <summary>The number of messages of other schemas that were skipped.</summary>
    public long Passed { get; protected set; }

    /// <summary>The bytes of all messages read; a message that failed counts each time it is read.</summary>
    public long BytesRead { get; protected set; }

    /// <summary>Observes messages; null for no observer.</summary>
    public MessageObserver? Observer { get; set; }

    /// <summary>The input: 0, or 1 for the right queue of a join.</summary>
    public int Side { get; set; }

    /// <summary>Reads events until there are no more, the maximum number is reached, or the end needs to commit.</summary>
    /// <returns>The number of messages read.</returns>
    public abstract int Pump(QueueTailer tailer, PumpEnd end, int most);
}
