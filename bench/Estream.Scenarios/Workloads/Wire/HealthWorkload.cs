using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>Base of the rows of `hl7-parse` and `fhir-parse`: reads the same message again and again. The sum of some of its values shows
/// that it was read.</summary>
internal abstract class HealthWorkload(ContenderContext context, int operations = 1_000_000)
    : Batches(context.Size.Of(operations, 200), batchOperations: 256)
{
    private ulong _check;

    public override void Dispose()
    {
    }

    protected sealed override void BeforeRound() => _check = 0;

    protected sealed override void Batch(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _check += Parse();
        }
    }

    protected sealed override ulong CheckOfRound() => _check;

    /// <summary>Reads the message.</summary>
    /// <returns>The sum of values.</returns>
    protected abstract ulong Parse();
}
