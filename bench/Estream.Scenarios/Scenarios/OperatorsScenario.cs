using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>Operators on one thread, from filled queues into a map.</summary>
internal sealed class OperatorsScenario : IScenario
{
    public string Name => "operators";

    public string Summary =>
        "process readings from a filled queue by operators into a map, on one thread: filter and transform, sums in windows, a join "
        + "with set points";

    public Unit Unit => Unit.OperationsPerSecond;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "IoTTelemetry",
            Reference: "hand-written",
            Contender.Managed("hand-written", context => new HandWrittenOperatorsContender(context)),
            Contender.Managed("estream", context => new PipelineContender(context)) with { Target = Target.AtLeast(20_000_000) }),
        new ScenarioCase(
            "window",
            Reference: "hand-written",
            Contender.Managed("hand-written", context => new HandWrittenWindowContender(context)),
            Contender.Managed("estream", context => new WindowContender(context))),
        new ScenarioCase(
            "join",
            Reference: "hand-written",
            Contender.Managed("hand-written", context => new HandWrittenJoinContender(context)),
            Contender.Managed("estream", context => new JoinContender(context))),
    ];
}
