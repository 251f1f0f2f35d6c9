using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>How long a killed writer delays readers: real processes, real kills, twenty per round.</summary>
internal sealed class WriterDeathScenario : IScenario
{
    // The queue promises 50 ms; a check every 20 ms and the time a kernel needs to end a process fit in half of that.
    private static readonly Target s_target = new([Goal.P99Below(50_000_000)], [Goal.P99Below(25_000_000)]);

    public string Name => "writer-death";

    public string Summary => "time from killing a writer between claim and commit to reading the message after its slot";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        Case("beside-a-writer", Heir.Writer),
        Case("reader-alone", Heir.Reader),
        Case("next-writer", Heir.NextWriter),
    ];

    private static ScenarioCase Case(string name, Heir heir) =>
        new(name, Reference: null,
            Contender.Managed("estream", context => new WriterDeathContender(context, heir)) with { Target = s_target });
}
