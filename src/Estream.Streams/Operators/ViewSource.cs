using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams.Operators;

/// <summary>Reads the messages of one schema, and passes those of others.</summary>
internal sealed class ViewSource<TView>(Stage<TView> first) : Source
    where TView : struct, IEsfView<TView>, allows ref struct
{
    private const long NoMessage = -1;

    public override int Pump(QueueTailer tailer, PumpEnd end, int most)
    {
        int count = 0;
        long inHand = NoMessage;
        try
        {
            while (count < most && !end.IsFull && tailer.TryRead(out QueueMessage message))
            {
                inHand = message.Position;
                count++;
                if (Message.TryView(message.Payload, inHand, out TView view))
                {
                    first.Push(in view, in message);
                }
                else
                {
                    Passed++;
                }

                inHand = NoMessage;
            }

            return count;
        }
        catch
        {
            // Where reading itself failed, the last one was taken.
            if (inHand != NoMessage)
            {
                end.Refuse(tailer, inHand);
            }

            throw;
        }
    }
}
