using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>The cost of witnessing a queue or a map: for its writer, for the witness, and for both together.</summary>
internal sealed class WitnessScenario : IScenario
{
    private const double OfEightMillionPerSecond = 125;

    public string Name => "witness";

    public string Summary =>
        "append while a witness reads; attest a message of a filled queue; put into a map with witnessed changes, until the last is "
        + "attested";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "append-burst",
            Reference: "unwitnessed",
            Contender.Managed("unwitnessed", context => WitnessedAppends.Bursts(context, isWitnessed: false)),
            Contender.Managed("estream", context => WitnessedAppends.Bursts(context, isWitnessed: true)) with
            {
                Target = Target.AtMost(1.5),
            }),
        Case("attest", WitnessedAppends.Attesting, OfEightMillionPerSecond),
        new ScenarioCase("put-16M", Reference: null, Puts("estream", isBatched: false), Puts("estream-batch", isBatched: true)),
        Case("put-1M-state", context => new WitnessedPuts(context, hasState: true)),
    ];

    private static Contender Puts(string name, bool isBatched) =>
        Contender.Managed(name, context => new WitnessedPuts(context, hasState: false, isBatched)) with
        {
            Target = new Target([Goal.Below(200)], []),
        };

    private static ScenarioCase Case(string name, Func<ContenderContext, IContender> create, double? most = null) => new(
        name, Reference: null,
        Contender.Managed("estream", create) with { Target = most is { } limit ? new Target([Goal.Below(limit)], []) : null });
}
