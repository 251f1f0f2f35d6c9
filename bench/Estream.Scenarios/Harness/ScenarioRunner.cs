namespace Estream.Scenarios.Harness;

/// <summary>
/// Runs one case: all contenders are set up first, then they take turns round by round (A, B, A, B, …), so that a
/// slow minute of the machine affects all of them and hardly changes the ratio.
/// </summary>
internal static class ScenarioRunner
{
    public static List<Row> Run(IScenario scenario, ScenarioCase scenarioCase, RunPlan plan)
    {
        var contenders = new List<RunningContender>();
        try
        {
            foreach (Contender contender in plan.TakingPart(scenarioCase))
            {
                contenders.Add(RunningContender.Start(scenario, scenarioCase, contender, plan));
            }

            contenders.ForEach(c => c.RequireReady());
            TakeTurns(scenario, scenarioCase, contenders, plan);
            return CaseRows.Of(scenario, scenarioCase, [.. contenders.Select(c => (c.Contender, (IReadOnlyList<RunResult>)c.Rounds))]);
        }
        finally
        {
            contenders.ForEach(c => c.Dispose());
        }
    }

    private static void TakeTurns(
        IScenario scenario, ScenarioCase scenarioCase, List<RunningContender> contenders, RunPlan plan)
    {
        for (int round = 0; round < plan.WarmupRounds + plan.Runs; round++)
        {
            bool isWarmup = round < plan.WarmupRounds;
            RunResult? first = null;
            foreach (RunningContender contender in contenders)
            {
                RunResult result = contender.Run();
                first ??= result;
                if (!DidTheSame(scenario, contender.Contender.Portion, first, result))
                {
                    throw new ScenarioException(
                        $"{scenario.Name} {scenarioCase.Name}: '{contender.Contender.Implementation}' did different work than "
                        + $"'{contenders[0].Contender.Implementation}' " +
                        $"({result.ToLine()} and {first.ToLine()}), so the rows cannot be compared");
                }

                if (!isWarmup)
                {
                    contender.Rounds.Add(result);
                }
            }

            if (isWarmup)
            {
                Thread.Sleep(plan.WarmupPause);
            }
        }
    }

    /// <summary>Rates are not compared; rows with a cost per operation show by a check value that they did the same work.</summary>
    private static bool DidTheSame(IScenario scenario, int portion, RunResult first, RunResult other)
    {
        bool hasCheck = first.Check is not null || scenario.Unit == Unit.OperationsPerSecond;
        return hasCheck && first.Operations == other.Operations * portion && (portion != 1 || first.Check == other.Check);
    }
}

/// <summary>Converts the rounds of a case to rows with ratios and targets.</summary>
internal static class CaseRows
{
    public static List<Row> Of(IScenario scenario, ScenarioCase scenarioCase,
        IReadOnlyList<(Contender Contender, IReadOnlyList<RunResult> Rounds)> measured)
    {
        return [.. measured.Select(m => Row.From(scenario, m.Contender.Implementation, scenarioCase.Name, m.Rounds) with
        {
            Target = m.Contender.Target,
            Ratio = RatioOf(m.Rounds, m.Contender.Reference ?? scenarioCase.Reference),
        })];

        Ratio? RatioOf(IReadOnlyList<RunResult> rounds, string? reference)
        {
            IReadOnlyList<RunResult>? others = measured.FirstOrDefault(m => m.Contender.Implementation == reference).Rounds;
            if (others is null || ReferenceEquals(others, rounds))
            {
                return null;
            }

            Row row = Row.From(scenario, reference!, scenarioCase.Name, others);
            return Ratio.Of(reference!, Figures(scenario, scenarioCase, rounds), Figures(scenario, scenarioCase, others)) with
            {
                IsReferenceDisturbed = row.IsDisturbed,
                ReferenceP99 = row.P99,
            };
        }
    }

    private static double[] Figures(IScenario scenario, ScenarioCase scenarioCase, IReadOnlyList<RunResult> rounds)
    {
        return [.. rounds.Select(r => scenarioCase.ComparesP50 ? r.P50 ?? double.NaN : scenario.Unit.FigureOf(r))];
    }
}

/// <summary>The run cannot continue: the message states what failed and what to do; the program exits with code 1.</summary>
internal sealed class ScenarioException(string message) : Exception(message);
