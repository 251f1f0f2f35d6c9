using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>The cost of one operation by a metered circuit, beside the call of the library and the number of the specification.</summary>
internal sealed class OperationScenario : IScenario
{
    private readonly CalledOperation _kind;
    private readonly Target _target;

    private OperationScenario(string name, string summary, CalledOperation kind, Target target) =>
        (Name, Summary, _kind, _target) = (name, summary, kind, target);

    public string Name { get; }

    public string Summary { get; }

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases =>
    [
        new ScenarioCase(
            "64-bytes",
            Reference: "library",
            Contender.Managed("library", context => new OperationCalls(context, _kind, isCircuit: false)),
            Contender.Managed("estream", context => new OperationCalls(context, _kind, isCircuit: true)) with { Target = _target }),
    ];

    public static OperationScenario Append() => new("queue-append-circuit",
        "append 64 bytes by a metered circuit, one request per call, and by the library", CalledOperation.Append,
        new Target([Goal.MoreByAtMost(150)], []));

    public static OperationScenario WitnessedPut() => new("map-put-circuit-witness",
        "put 64 bytes by a metered circuit into a map with witnessed changes, until the last is attested, and by the library; the "
        + "specification has 200 ns", CalledOperation.WitnessedPut, new Target([Goal.Below(200)], []));

    public static OperationScenario CompareExchange() => new("map-cas-circuit",
        "compare and exchange 64 bytes by a metered circuit, one request per call, and by the library; the specification has 400 ns",
        CalledOperation.CompareExchange, new Target([Goal.Below(400)], []));
}
