using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Operators;

namespace Estream.Streams.State;

/// <summary>Takes the messages of a state and the removals of keys into the map, and passes everything else.</summary>
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
