using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>`esf-decode`: every field of one encoded reading after the other is taken and summed.</summary>
internal abstract class DecodeRound(ContenderContext context) : Batches(Readings.Operations(context.Size), Readings.BatchOperations)
{
    /// <summary>The encoded readings, which the constructor of a contender writes.</summary>
    protected ReadingSlots Slots { get; } = new(context.Directory);

    protected ulong Sum { get; set; }

    public override void Dispose() => Slots.Dispose();

    protected override void BeforeRound() => Sum = 0;

    protected override ulong CheckOfRound() => Sum;
}
