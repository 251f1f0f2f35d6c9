using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>`esf-decode`: every field of one encoded reading after the other is taken and summed.</summary>
internal abstract class DecodeRound(RunSize size) : Batches(Readings.Operations(size), Readings.BatchOperations)
{
    protected byte[][] Messages { get; } = new byte[Readings.Count][];

    protected ulong Sum { get; set; }

    public override void Dispose()
    {
    }

    protected override void BeforeRound() => Sum = 0;

    protected override ulong CheckOfRound() => Sum;
}
