using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>
/// `esf-encode`: reading after reading is written into the next of 128 slots. Afterwards the slots are decoded again,
/// so that an encoder that forgets a field is found out.
/// </summary>
internal abstract class EncodeRound(ContenderContext context) : Batches(Readings.Operations(context.Size), Readings.BatchOperations)
{
    protected ReadingSlots Slots { get; } = new(context.Directory);

    public override void Dispose() => Slots.Dispose();

    protected abstract ulong DigestOf(ReadOnlySpan<byte> message);

    protected override ulong CheckOfRound()
    {
        ulong sum = 0;
        for (int i = 0; i < Readings.Count; i++)
        {
            sum += DigestOf(ReadingSlots.Message(Slots.Bytes, Slots.Lengths, i));
        }

        return sum;
    }
}
