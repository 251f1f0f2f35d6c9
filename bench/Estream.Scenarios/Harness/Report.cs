namespace Estream.Scenarios.Harness;

/// <summary>The one table a reader can judge by: figure, spread, ratio to the reference, noise, target.</summary>
internal sealed class Report(TextWriter output, RunPlan plan)
{
    /// <summary>From this share of waiting on, a row's figures are more the machine's than the code's.</summary>
    private const double NoisyShare = 0.02;

    private readonly List<string> _missed = [];
    private int _targets;
    private bool _isNoisy;

    public void Begin(IReadOnlyList<IScenario> scenarios)
    {
        PrintSkipped(scenarios);
        output.WriteLine(
            $"{"scenario",-12} {"case",-12} {"implementation",-22} {"unit",-5} {"median",12} {"min",12} {"max",12} " +
            $"{"spread",7} {"ratio",6} {"B/op",6} {"waited",6}  target");
    }

    public void Add(ScenarioCase scenarioCase, IReadOnlyList<Row> rows)
    {
        Row? reference = rows.FirstOrDefault(r => r.Implementation == scenarioCase.Reference);
        foreach (Row row in rows)
        {
            double? ratio = reference is null ? null : row.Median / reference.Median;
            string verdict = row.Implementation == "estream" ? Judge(scenarioCase, row, ratio) : "";
            _isNoisy |= row.WaitedShare > NoisyShare;
            output.WriteLine(
                $"{row.Scenario,-12} {row.Case,-12} {row.Implementation,-22} {row.Unit,-5} {Figure(row.Median),12} {Figure(row.Min),12} " +
                $"{Figure(row.Max),12} {row.Spread,7:P0} {ratio,6:0.00} {row.AllocatedPerOperation,6:0.##} {row.WaitedShare,6:P0}  {verdict}".TrimEnd());
        }
    }

    public void End()
    {
        output.WriteLine();
        output.WriteLine(
            $"median, min and max over {plan.Runs} rounds of the mean cost in a round; ratio: to the case's reference, medians of this run");
        output.WriteLine($"targets: {_targets - _missed.Count} met, {_missed.Count} missed{(_missed.Count == 0 ? "" : $" ({string.Join(", ", _missed)})")}");
        if (_isNoisy)
        {
            output.WriteLine("The machine was busy (column 'waited'): do not publish these figures.");
        }

        if (plan.Size == RunSize.Tiny)
        {
            output.WriteLine("--tiny: these figures mean nothing; they show that every scenario runs.");
        }
    }

    private string Judge(ScenarioCase scenarioCase, Row row, double? ratio)
    {
        if (scenarioCase.Target is not { } target)
        {
            return "";
        }

        string verdict = target.Judge(row, ratio, out bool isMet);
        _targets++;
        if (!isMet)
        {
            _missed.Add($"{row.Scenario} {row.Case}");
        }

        return verdict;
    }

    private void PrintSkipped(IReadOnlyList<IScenario> scenarios)
    {
        foreach (IScenario scenario in scenarios)
        {
            Contender[] all = [.. scenario.Cases.SelectMany(c => c.Contenders)];
            string peers = Names(all.Where(plan.SkippedAsPeer));
            string missing = Names(all.Where(plan.SkippedAsMissing));
            if (peers.Length > 0)
            {
                output.WriteLine($"--quick skips in {scenario.Name}: {peers}");
            }

            if (missing.Length > 0)
            {
                output.WriteLine($"not built, so missing in {scenario.Name}: {missing}");
            }
        }

        output.WriteLine();
    }

    private static string Names(IEnumerable<Contender> contenders)
    {
        return string.Join(", ", contenders.Select(c => c.Implementation).Distinct());
    }

    private static string Figure(double value)
    {
        return value >= 10_000 ? value.ToString("N0") : value >= 100 ? value.ToString("0.0") : value.ToString("0.00");
    }
}
