namespace Estream.Scenarios.Harness;

/// <summary>
/// One scenario: a file in Scenarios/ that declares its cases and the contenders of each. The harness does everything else
/// (processes, interleaving, warm-up, table, JSON). Listed in <see cref="Catalog"/>.
/// </summary>
internal interface IScenario
{
    /// <summary>The name on the command line and in the JSON.</summary>
    string Name { get; }

    /// <summary>Describes one operation, in one line of <c>--list</c>.</summary>
    string Summary { get; }

    Unit Unit { get; }

    IReadOnlyList<ScenarioCase> Cases { get; }
}

/// <summary>
/// One case: rows that can be compared, because they do the same operations on the same working set.
/// </summary>
/// <param name="Name">The case in the JSON, for example <c>64B</c> or <c>1M</c>.</param>
/// <param name="Reference">The implementation that ratios are calculated against, or null if there is none.</param>
/// <param name="Contenders">The contenders, in the order of their turns; <c>estream</c> is one of them.</param>
internal sealed record ScenarioCase(string Name, string? Reference, params IReadOnlyList<Contender> Contenders)
{
    /// <summary>Whether ratios compare 50th percentiles and not means: if single operations are timed, other processes distort the
    /// mean.</summary>
    public bool ComparesP50 { get; init; }
}
