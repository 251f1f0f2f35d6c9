using Estream.Fpga;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>What a message costs the host beside a card: its submission written, a share of the doorbell, its completion read.</summary>
internal sealed class FpgaHostScenario : IScenario
{
    public string Name => "fpga-host";

    public string Summary =>
        "a message handed to a card and its completion read, 256 for a doorbell; the time of the card itself, which is none here, left out";

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
