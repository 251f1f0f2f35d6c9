namespace Estream.Scenarios.Harness;

/// <summary>Prints the table for a reader: figure, spread, ratio to the reference, noise, target.</summary>
internal sealed class Report(TextWriter output, RunPlan plan)
{
    private readonly List<string> _missed = [];
    private readonly List<string> _notJudged = [];
    private readonly List<string> _disturbed = [];
    private int _targets;

    public void Begin(IReadOnlyList<IScenario> scenarios)
    {
        PrintSkipped(scenarios);
        output.WriteLine(
            $"{"scenario",-18} {"case",-21} {"implementation",-22} {"unit",-5} {"median",12} {"min",12} {"max",12} " +
            $"{"spread",7} {"ratio",6} {"B/op",6} {"waited",6}  target");
    }

    public void Add(IReadOnlyList<Row> rows)
    {
        foreach (Row row in rows)
        {
            if (row.IsDisturbed)
            {
                _disturbed.Add($"{row.Scenario} {row.Case} {row.Implementation}");
            }

            output.WriteLine(
                ($"{row.Scenario,-18} {row.Case,-21} {row.Implementation,-22} {row.Unit,-5} "
                + $"{Figure.Of(row.Median),12} {Figure.Of(row.Min),12} {Figure.Of(row.Max),12} {row.Spread,7:P0} "
                + $"{row.Ratio?.Value,6:0.00} {row.AllocatedPerOperation,6:0.##} {row.WaitedShare,6:P0}  "
                + $"{Judge(row)}{Tail(row)}").TrimEnd());
        }
    }

    public void End()
    {
        output.WriteLine();
        output.WriteLine(
            $"median, min and max over {plan.Runs} rounds of the mean cost in a round; ratio: to the case's reference, medians of "
            + "this run");
        string notJudged = _notJudged.Count == 0 ? "" : $", {Counted(_notJudged, "not judged")}";
        output.WriteLine($"targets: {_targets - _missed.Count - _notJudged.Count} met, {Counted(_missed, "missed")}{notJudged}");
        if (_disturbed.Count > 0)
        {
            output.WriteLine($"The machine was busy (column 'waited'); do not publish the figures of: {string.Join(", ", _disturbed)}.");
        }

        if (plan.Size == RunSize.Tiny)
        {
            output.WriteLine("--tiny: these figures mean nothing; they show that every scenario runs.");
        }
    }

    private string Judge(Row row)
    {
        if (row.Target is not { } target)
        {
            return "";
        }

        Verdict verdict = target.Judge(row);
        if (target.Must.Count > 0)
        {
            _targets++;
            string name = row.Implementation == "estream"
                ? $"{row.Scenario} {row.Case}"
                : $"{row.Scenario} {row.Case} {row.Implementation}";
            if (verdict is Verdict.Missed or Verdict.Unknown)
            {
                _missed.Add(name);
            }
            else if (verdict == Verdict.NotJudged)
            {
                _notJudged.Add(name);
            }
        }

        string aim = target.Aim.Count > 0 ? $" (aim {target.AimText})" : "";
        return $"{target.MustText}{aim}: {verdict.ToText()}  ".TrimStart();
    }

    private static string Counted(List<string> rows, string what) => rows.Count == 0
        ? $"0 {what}"
        : $"{rows.Count} {what} ({string.Join(", ", rows)})";

    /// <summary>Returns the figures of single operations.</summary>
    private static string Tail(Row row)
    {
        string longest = row.Longest is { } nanos ? $", longest {Figure.Of(nanos)}" : "";
        string percentiles = row.P50 is null
            ? ""
            : $"p50 {Figure.Of(row.P50.Value)}, p99 {Figure.Of(row.P99!.Value)}, p99.9 {Figure.Of(row.P999!.Value)}{longest}  ";
        return row.PageFaults is { } faults ? $"{percentiles}{faults:N0} page faults" : percentiles;
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
}

/// <summary>Formats a measured number with a suitable number of digits.</summary>
internal static class Figure
{
    public static string Of(double value)
    {
        return value >= 10_000 ? value.ToString("N0") : value >= 100 ? value.ToString("0.0") : value.ToString("0.00");
    }
}
