using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>Filter, transform and materialize on one thread, from a filled queue into a map.</summary>
internal sealed class OperatorsScenario : IScenario
{
    public string Name => "operators";

    public string Summary => "filter readings of a filled queue, transform them and keep the newest of each device in a map, on one thread";

    public Unit Unit => Unit.OperationsPerSecond;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "IoTTelemetry",
            Reference: "hand-written",
            Contender.Managed("hand-written", context => new HandWrittenOperatorsContender(context)),
            Contender.Managed("estream", context => new PipelineContender(context)) with { Target = Target.AtLeast(20_000_000) }),
    ];
}
