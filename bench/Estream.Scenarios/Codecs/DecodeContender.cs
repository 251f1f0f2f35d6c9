using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs;

/// <summary>`esf-decode`: reads and sums every field of one encoded message after the other.</summary>
internal sealed class DecodeContender<T> : Batches
    where T : struct, ICodec
{
    private readonly CodecWorkload _workload;
    private readonly CodecSlots _slots;
    private ulong _sum;

    public DecodeContender(ContenderContext context, CodecWorkload workload, int portion)
        : base(workload.Operations(context.Size, portion), CodecWorkload.BatchOperations)
    {
        _workload = workload;
        _slots = new CodecSlots(context.Directory, workload);
        for (int i = 0; i < workload.Messages; i++)
        {
            _slots.Lengths[i] = T.Encode(i, _slots.Bytes.Slice(i * workload.SlotBytes, workload.SlotBytes));
        }
    }

    public override void Dispose() => _slots.Dispose();

    protected override void BeforeRound() => _sum = 0;

    protected override void Batch(int count)
    {
        ReadOnlySpan<byte> slots = _slots.Bytes;
        ReadOnlySpan<int> lengths = _slots.Lengths;
        int slotBytes = _workload.SlotBytes;
        int mask = _workload.Messages - 1;
        ulong sum = 0;
        for (int i = 0; i < count; i++)
        {
            int index = i & mask;
            sum += T.Digest(slots.Slice(index * slotBytes, lengths[index]));
        }

        _sum += sum;
    }

    protected override ulong CheckOfRound() => _sum;
}
