using Estream.Queue;
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
        MessageSight? sight = Sight;
        try
        {
            while (count < most && !end.IsFull && tailer.TryRead(out QueueMessage message))
            {
                inHand = message.Position;
                count++;
                BytesRead += message.Payload.Length;
                sight?.Take(in message, Side);
                bool isTaken = _events.TryTake(in message, out T item);
                if (isTaken)
                {
                    first.Push(in item, in message);
                }
                else
                {
                    Passed++;
                }

                sight?.Taken(isPassed: !isTaken);
                inHand = NoMessage;
            }

            return count;
        }
        catch
        {
            if (inHand != NoMessage)
            {
                sight?.TakeBack();
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
                sight?.Forget();
            }

            throw;
        }
    }
}
