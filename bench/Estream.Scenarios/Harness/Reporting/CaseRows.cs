namespace Estream.Scenarios.Harness;

/// <summary>Turns the rounds of a case into its rows, with their ratios and targets.</summary>
internal static class CaseRows
{
    public static List<Row> Of(IScenario scenario, ScenarioCase scenarioCase, IReadOnlyList<(Contender Contender, IReadOnlyList<RunResult> Rounds)> measured)
    {
        IReadOnlyList<RunResult>? reference = measured.FirstOrDefault(m => m.Contender.Implementation == scenarioCase.Reference).Rounds;
        Row? referenceRow = reference is null ? null : Row.From(scenario, scenarioCase.Reference!, scenarioCase.Name, reference);
        return [.. measured.Select(m => Row.From(scenario, m.Contender.Implementation, scenarioCase.Name, m.Rounds) with
        {
            Target = m.Contender.Target,
            Ratio = reference is null || ReferenceEquals(reference, m.Rounds)
                ? null
                : Ratio.Of(scenarioCase.Reference!, Figures(scenario, scenarioCase, m.Rounds), Figures(scenario, scenarioCase, reference)) with
                {
                    IsReferenceDisturbed = referenceRow!.IsDisturbed,
                    ReferenceP99 = referenceRow!.P99,
                },
        })];
    }

    private static double[] Figures(IScenario scenario, ScenarioCase scenarioCase, IReadOnlyList<RunResult> rounds)
    {
        return [.. rounds.Select(r => scenarioCase.ComparesP50 ? r.P50 ?? double.NaN : scenario.Unit.FigureOf(r))];
    }
}
