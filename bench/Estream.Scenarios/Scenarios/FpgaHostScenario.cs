using Estream.Core;
using Estream.Fpga;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>The host's cost of a message sent to a card: writing its submission, a share of the doorbell, reading its completion.</summary>
internal sealed class FpgaHostScenario : IScenario
{
    public string Name => "fpga-host";

    public string Summary =>
        "submit a message to a card and read its completion, 256 per doorbell; without the time of the card itself";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase("32B", Reference: null, Contender.Managed("estream", context => new FpgaHostContender(context)) with
        {
            Target = new Target([Goal.Below(20), Goal.NoAllocation], []),
            IsWithoutFiles = true,
            IsBuilt = FpgaCard.Missing is null,
        }),
    ];
}

/// <summary>The <c>estream</c> row of `fpga-host`, on the loopback device, which answers at once; its own time is measured separately and
/// is not counted as the host's.</summary>
internal sealed class FpgaHostContender(ContenderContext context) : IContender
{
    private const int Batch = 256;

    private readonly FpgaCard _card = FpgaCard.Open("loopback:");
    private readonly long _messages = context.Size.Of(20_000_000, 20_000);

    public RunResult Run()
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        FpgaBench found = FpgaBench.Run(_card, _messages, Batch, SystemClock.Instance);
        return new RunResult(found.Messages, found.HostNanos)
        {
            AllocatedBytes = GC.GetAllocatedBytesForCurrentThread() - allocated,
            Check = (ulong)found.Messages,
        };
    }

    public void Dispose() => _card.Dispose();
}
