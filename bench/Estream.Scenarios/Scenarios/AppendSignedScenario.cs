using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>Appends of signed messages: one at a time, and many on the threads of a pool.</summary>
internal sealed class AppendSignedScenario : IScenario
{
    // Ideal parallelism (1 / processors), plus a fifth for the caller.
    private static readonly Target s_pool = Target.AtMost(1.2 / Environment.ProcessorCount);

    public string Name => "append-signed";

    public string Summary => "write, sign and append a message, one at a time and by a pool";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "one",
            Reference: "by-hand",
            Contender.Managed("by-hand", context => new SignedAppendContender(context, SignedAppendKind.ByHand)),
            Contender.Managed("estream", context => new SignedAppendContender(context, SignedAppendKind.Appender)) with
            {
                Target = Target.AtMost(1.05),
            }),
        new ScenarioCase(
            "pool",
            Reference: "estream-1-thread",
            Contender.Managed("estream-1-thread", context => new SignedAppendContender(context, SignedAppendKind.Batch, threads: 1)),
            Contender.Managed("estream", context =>
                new SignedAppendContender(context, SignedAppendKind.Batch, Environment.ProcessorCount)) with
            {
                Target = s_pool,
            }),
    ];
}
