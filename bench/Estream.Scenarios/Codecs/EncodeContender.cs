using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs;

/// <summary>
/// `esf-encode`: writes message after message into the next slot. Afterwards the slots are decoded again, which detects an encoder that
/// leaves out a field.
/// </summary>
internal sealed class EncodeContender<T>(ContenderContext context, CodecWorkload workload, int portion)
    : Batches(workload.Operations(context.Size, portion), CodecWorkload.BatchOperations)
    where T : struct, ICodec
{
    private readonly CodecSlots _slots = new(context.Directory, workload);

    public override void Dispose() => _slots.Dispose();

    protected override void Batch(int count)
    {
        Span<byte> slots = _slots.Bytes;
        Span<int> lengths = _slots.Lengths;
        int slotBytes = workload.SlotBytes;
        int mask = workload.Messages - 1;
        for (int i = 0; i < count; i++)
        {
            int index = i & mask;
            lengths[index] = T.Encode(index, slots.Slice(index * slotBytes, slotBytes));
        }
    }

    protected override ulong CheckOfRound()
    {
        ulong sum = 0;
        for (int i = 0; i < workload.Messages; i++)
        {
            sum += T.Digest(_slots.Message(i));
        }

        return sum;
    }
}
