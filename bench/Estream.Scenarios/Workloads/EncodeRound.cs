using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>
/// `esf-encode`: reading after reading is written into the next of 128 slots. Afterwards the slots are decoded again,
/// so that an encoder that forgets a field is found out.
/// </summary>
internal abstract class EncodeRound(RunSize size) : Batches(Readings.Operations(size), Readings.BatchOperations)
{
    private readonly byte[] _slots = new byte[Readings.Count * Readings.SlotBytes];
    private readonly int[] _lengths = new int[Readings.Count];

    public override void Dispose()
    {
    }

    protected abstract ulong DigestOf(ReadOnlySpan<byte> message);

    protected Span<byte> Slot(int index) => _slots.AsSpan(index * Readings.SlotBytes, Readings.SlotBytes);

    protected void SetLength(int index, int length) => _lengths[index] = length;

    protected override ulong CheckOfRound()
    {
        ulong sum = 0;
        for (int i = 0; i < Readings.Count; i++)
        {
            sum += DigestOf(Slot(i)[.._lengths[i]]);
        }

        return sum;
    }
}
