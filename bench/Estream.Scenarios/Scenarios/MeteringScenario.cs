using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>The cost of metering: counting the processor time of a pipeline, as every circuit does, and counting the usage of
/// operations.</summary>
internal sealed class MeteringScenario : IScenario
{
    private static readonly Target s_target = new([Goal.MoreByAtMost(5)], []);

    public string Name => "circuit-metering";

    public string Summary =>
        "process readings by filter and transform into a map, with the thread's processor time metered per step as in circuits, and "
        + "without metering; put a value by a request, one or 256 per call, with and without metering";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "IoTTelemetry",
            Reference: "unmetered",
            Contender.Managed("unmetered", context => new PipelineContender(context)),
            Contender.Managed("estream", context => new PipelineContender(context, isMetered: true)) with { Target = s_target }),
        Operations("1-request", 1, null),
        Operations("256-requests", 256, s_target),
    ];

    private static ScenarioCase Operations(string name, int requests, Target? target) => new(
        name,
        Reference: "unmetered",
        Contender.Managed("unmetered", context => new OperationContender(context, requests, isMetered: false)),
        Contender.Managed("estream", context => new OperationContender(context, requests, isMetered: true)) with { Target = target });
}
