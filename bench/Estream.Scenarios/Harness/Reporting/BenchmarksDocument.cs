using System.Globalization;
using System.Text;

namespace Estream.Scenarios.Harness;

/// <summary>The page a reader judges by: the machine, one table of what was promised, one of everything, and why targets are
/// missed.</summary>
internal static class BenchmarksDocument
{
    public static void Write(
        Stream stream, IReadOnlyList<(string Name, string Value)> machine, RunPlan plan, IReadOnlyList<Row> rows, MissedReasons reasons)
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true)
        {
            NewLine = "\n",
        };
        WriteHead(text, machine, plan, rows);
        WriteTargets(text, rows);
        WriteMissed(text, rows, reasons);
        WriteRows(text, rows);
    }

    private static void WriteHead(TextWriter text, IReadOnlyList<(string Name, string Value)> machine, RunPlan plan,
        IReadOnlyList<Row> rows)
    {
        text.WriteLine("# Benchmarks\n");
        text.WriteLine(
            "Written by the harness; [how the figures are made](bench-method.md) says what one operation is, what stands beside it and "
            + "why it is fair.");
        text.WriteLine(
            $"Every figure is the median of {plan.Runs} rounds, with the fastest and the slowest in brackets; compared rows took turns, "
            + "round by round. A ratio is that of the medians, in brackets the extremes of the ratios round by round.\n");
        if (plan.Size == RunSize.Tiny)
        {
            text.WriteLine("**A run of `--tiny`: these figures mean nothing.**\n");
        }
        else if (rows.Any(row => row.IsDisturbed))
        {
            text.WriteLine(
                "The machine was busy with something else while the rows marked *disturbed* ran (see `waited`): their figures, and ratios "
                + "to them, are not to be quoted, and their targets are not judged.\n");
        }

        text.WriteLine("| | |\n|---|---|");
        foreach ((string name, string value) in machine)
        {
            WriteLine(text, name, name == "command" ? $"`{value}`" : value);
        }
    }

    private static void WriteTargets(TextWriter text, IReadOnlyList<Row> rows)
    {
        text.WriteLine("\n## Targets\n");
        text.WriteLine("| scenario | case | row | figure | beside it | ratio | must | aim | |\n|---|---|---|---|---|---|---|---|---|");
        foreach (Row row in rows.Where(r => r.Target is not null))
        {
            Row? reference =
                rows.FirstOrDefault(r => (r.Scenario, r.Case, r.Implementation) == (row.Scenario, row.Case, row.Ratio?.Reference));
            WriteLine(
                text, row.Scenario, row.Case, row.Implementation, Judged(row),
                reference is null ? "" : $"{reference.Implementation} {Judged(reference)}",
                RatioOf(row), row.Target!.MustText, row.Target.AimText, $"**{row.Target.Judge(row).ToText()}**{MarkOf(row, reference)}");
        }
    }

    private static void WriteMissed(TextWriter text, IReadOnlyList<Row> rows, MissedReasons reasons)
    {
        Row[] missed = [.. rows.Where(row => row.Target?.Judge(row) == Verdict.Missed)];
        text.WriteLine("\n## What is missed, and why\n");
        if (missed.Length == 0)
        {
            text.WriteLine("Nothing.");
        }

        foreach (Row row in missed)
        {
            text.WriteLine($"- {NameOf(row)}: {reasons.For(row)}");
        }

        WriteNotJudged(text, rows);
        WriteMissedAims(text, rows, reasons);
    }

    private static void WriteNotJudged(TextWriter text, IReadOnlyList<Row> rows)
    {
        Row[] open = [.. rows.Where(row => row.Target?.Judge(row) == Verdict.NotJudged)];
        if (open.Length > 0)
        {
            text.WriteLine("\nNot judged, since the machine was busy while they, or what they are compared with, ran:\n");
        }

        foreach (Row row in open)
        {
            text.WriteLine($"- {NameOf(row)}");
        }
    }

    private static void WriteMissedAims(TextWriter text, IReadOnlyList<Row> rows, MissedReasons reasons)
    {
        Row[] missed =
            [.. rows.Where(row => row.Target is { Aim.Count: > 0 } target && target.Judge(row) is Verdict.Met or Verdict.AimMissed)];
        if (missed.Length > 0)
        {
            text.WriteLine("\nMet, aim not; with the reason where it was found out:\n");
        }

        foreach (Row row in missed)
        {
            text.WriteLine(reasons.Find(row) is { } reason ? $"- {NameOf(row)}: {reason}" : $"- {NameOf(row)}");
        }
    }

    private static void WriteRows(TextWriter text, IReadOnlyList<Row> rows)
    {
        text.WriteLine("\n## Every row\n");
        text.WriteLine(
            "| scenario | case | implementation | figure | spread | ratio | p50 / p99 / p99.9 / longest ns | page faults | B/op | waited "
            + "|\n|---|---|---|---|---|---|---|---|---|---|");
        foreach (Row row in rows)
        {
            WriteLine(
                text, row.Scenario, row.Case, row.Implementation, Measured(row), Text($"{row.Spread:P0}"), RatioOf(row),
                row.P50 is { } p50 ? $"{Figure.Of(p50)} / {Figure.Of(row.P99!.Value)} / {Figure.Of(row.P999!.Value)}{LongestOf(row)}" : "",
                Text($"{row.PageFaults:N0}"), Text($"{row.AllocatedPerOperation:0.##}"), Text($"{row.WaitedShare:P1}") + MarkOf(row));
        }
    }

    private static string NameOf(Row row) => $"`{row.Scenario}` {row.Case}, `{row.Implementation}`";

    private static string MarkOf(params IEnumerable<Row?> rows) => rows.Any(row => row is { IsDisturbed: true }) ? " *disturbed*" : "";

    /// <summary>What a target is about: the percentiles where single operations were timed, and page faults where they were
    /// counted.</summary>
    private static string Judged(Row row)
    {
        string faults = row.PageFaults is { } count ? Text($", {count:N0} page faults") : "";
        return row.P50 is { } p50 ? $"p50 {Figure.Of(p50)} ns, p99.9 {Figure.Of(row.P999!.Value)} ns{faults}" : Measured(row);
    }

    // The peers in C++ do not say it.
    private static string LongestOf(Row row) => row.Longest is { } nanos ? $" / {Figure.Of(nanos)}" : "";

    private static string Measured(Row row) => row.Unit == Unit.OperationsPerSecond.Name
        ? Text($"{row.Median / 1e6:0.00} M/s ({row.Min / 1e6:0.00}–{row.Max / 1e6:0.00})")
        : $"{Figure.Of(row.Median)} ns ({Figure.Of(row.Min)}–{Figure.Of(row.Max)})";

    private static string RatioOf(Row row) => row.Ratio is { } ratio && double.IsFinite(ratio.Value)
        ? Text($"{ratio.Value:0.00} ({ratio.Min:0.00}–{ratio.Max:0.00})")
        : "";

    private static void WriteLine(TextWriter text, params string[] cells) =>
        text.WriteLine($"| {string.Join(" | ", cells)} |");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
