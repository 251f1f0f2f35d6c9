namespace Estream.Scenarios.Harness;

/// <summary>
/// One scenario: a file in Scenarios/ that names its cases and, for each, who takes part. Everything else
/// (processes, interleaving, warm-up, table, JSON) is the harness's. Listed in <see cref="Catalog"/>.
/// </summary>
internal interface IScenario
{
    /// <summary>The name on the command line and in the JSON.</summary>
    string Name { get; }

    /// <summary>What one operation is, in one line of <c>--list</c>.</summary>
    string Summary { get; }

    Unit Unit { get; }

    IReadOnlyList<ScenarioCase> Cases { get; }
}

/// <summary>
/// One case: rows that may be compared, because they do the same operations on the same working set.
/// </summary>
/// <param name="Name">The case in the JSON, for example <c>64B</c> or <c>1M</c>.</param>
/// <param name="Reference">The implementation that ratios are taken against, or null where there is none.</param>
/// <param name="Contenders">In the order they take turns; <c>estream</c> is one of them.</param>
internal sealed record ScenarioCase(string Name, string? Reference, params IReadOnlyList<Contender> Contenders)
{
    /// <summary>Whether ratios are of 50th percentiles and not of means: where single operations are timed, a mean is the neighbours'
    /// doing.</summary>
    public bool ComparesP50 { get; init; }
}
