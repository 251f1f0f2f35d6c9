using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>What it costs that the processor time of a pipeline is counted, as that of every circuit is.</summary>
internal sealed class MeteringScenario : IScenario
{
    public string Name => "circuit-metering";

    public string Summary => "take readings through a filter and a transform into a map, with the thread's processor time counted by step as for circuits, and without";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "IoTTelemetry",
            Reference: "unmetered",
            Contender.Managed("unmetered", context => new PipelineContender(context)),
            Contender.Managed("estream", context => new PipelineContender(context, isMetered: true))),
    ];
}
