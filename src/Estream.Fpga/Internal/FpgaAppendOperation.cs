using Estream.Circuits.Operations;
using Estream.Core;
using Estream.Esf;

namespace Estream.Fpga.Internal;

/// <summary>Appends messages: the card numbers and checks each message, the host writes the queue.</summary>
internal sealed class FpgaAppendOperation : FpgaOperation
{
    private readonly EsfField _payload;
    private readonly EsfField _sequence;
    private long _lastSequence = -1;

    public FpgaAppendOperation(CircuitOperation operation, IExecutableOperation host, CardSlots cards, object queue)
        : base(operation, host, cards, queue)
    {
        _payload = RequestField("payload");
        _sequence = ResultField("sequence");
    }

    protected override bool HasEngine(FpgaInfo card) => card.HasAppend;

    protected override void Ask(CardBurst burst, CardLane lane, int index, ReadOnlySpan<byte> request)
    {
        if (_payload.TryGetBytes(request, out ReadOnlySpan<byte> payload) && payload.Length <= CardLayout.MaxPayloadBytes
            && burst.CanSend(payload.Length))
        {
            FpgaWriting.Append(burst, ref burst.Send(index), (ushort)lane.Number, payload);
        }
    }

    protected override bool Agrees(CardSlot slot, in CardAnswer answer, ReadOnlySpan<byte> request, ReadOnlySpan<byte> result,
        OperationStatus status)
    {
        bool isDone = status == OperationStatus.Done;
        bool hasNumber = _sequence.TryGetInt64(result, out long sequence) && isDone;
        _lastSequence = hasNumber ? sequence : _lastSequence;
        if (!answer.IsAnswered)
        {
            // The card did not count this message, so card and host agree only if the host did not append it.
            return !isDone;
        }

        _ = _payload.TryGetBytes(request, out ReadOnlySpan<byte> payload);
        if (isDone && answer.Info != Crc32C.Compute(payload))
        {
            slot.Fail($"The card '{slot.Uri}' returned a wrong checksum: its memory or the connection to it is damaged.");
            return true;
        }

        return isDone && (!hasNumber || answer.Sequence == (ulong)sequence);
    }

    protected override void Correct(CardSlot slot, CardLane lane, MessageBatch requests, ReadOnlySpan<int> disagreed)
    {
        // A queue that other appenders share reports no sequence numbers. The card then keeps its own count.
        if (disagreed.Length > 0 && _lastSequence >= 0)
        {
            _ = slot.SetNextSequence(lane.Number, _lastSequence + 1);
        }
    }
}
