using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Observing;

namespace Estream.Streams.Operators;

/// <summary>What makes an event of a message. A struct, so that the loop of a source is compiled for it.</summary>
internal interface IMessageEvents<T>
    where T : allows ref struct
{
    /// <summary>Whether a message is one to take.</summary>
    /// <exception cref="Core.EstreamFormatException">It says it is, and cannot be read.</exception>
    bool TryTake(in QueueMessage message, out T item);
}

/// <summary>Reads the messages of one schema, and passes those of others.</summary>
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

            // Where reading itself failed, the last one was taken. Else those before it are made permanent first: it is the first one of
            // the next call, and throws there.
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

/// <summary>The messages of a schema that is known to the compiler, as views.</summary>
internal readonly struct ViewEvents<TView> : IMessageEvents<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    public bool TryTake(in QueueMessage message, out TView item) => Message.TryView(message.Payload, message.Position, out item);
}

/// <summary>The same, chosen by lattice and address, and opened by a reader with keys; those that are not chosen, or not for its audiences,
/// are passed.</summary>
internal readonly struct UnsealedEvents<TView>(EsfUnsealer? reader, EsfMessageFilter? filter) : IMessageEvents<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    public bool TryTake(in QueueMessage message, out TView item) =>
        UnsealedMessage.TryView(reader, filter, message.Payload, message.Position, out item);
}

/// <summary>The beginning of a pipeline that is set up: it reads events and gives them to the first operator.</summary>
internal abstract class Source
{
    /// <summary>Messages of other schemas that were passed.</summary>
    public long Passed { get; protected set; }

    /// <summary>Bytes of the messages that were read, and of those that were refused as often as they came.</summary>
    public long BytesRead { get; protected set; }

    /// <summary>Who is told of messages; null where nobody asks.</summary>
    public MessageObserver? Observer { get; set; }

    /// <summary>0, and 1 for the other queue of a join.</summary>
    public int Side { get; set; }

    /// <summary>Reads events until there is none, so many were read, or the end wants to commit.</summary>
    /// <returns>How many messages were read.</returns>
    public abstract int Pump(QueueTailer tailer, PumpEnd end, int most);
}
