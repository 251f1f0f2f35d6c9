using System.Text;
using Estream.Scenarios.Harness;
using Estream.Testing;

namespace Estream.Scenarios.Tests;

public sealed class BenchmarksDocumentTests
{
    private static readonly RunPlan s_plan = new(RunSize.Full, IsQuick: true, "/data", Peers: null);

    [Fact]
    public void The_document_contains_machine_figures_verdicts_and_reasons()
    {
        string text = Written(Rows(ours: 200, waited: 0), MissedReasons.Parse(["# why", "", "append 64B estream: two stores: too many"]));

        Assert.Contains("| processor | a fast one |\n", text, StringComparison.Ordinal);
        Assert.Contains("| command | `Estream.Scenarios --quick` |\n", text, StringComparison.Ordinal);
        Assert.Contains("the median of 9 rounds", text, StringComparison.Ordinal);
        Assert.Contains(
            "| append | 64B | estream | 20.00 ns (20.00–21.00) | floor-cpp 10.00 ns (10.00–10.00) | 2.00 (2.00–2.10) | <= 1.35 x | <= 1.1 "
            + "x | **MISSED** |\n",
            text, StringComparison.Ordinal);
        Assert.Contains("- `append` 64B, `estream`: two stores: too many\n", text, StringComparison.Ordinal);
        Assert.Contains("| append | 64B | channels | 50.00 ns (50.00–50.00) | 0 % | 5.00 (5.00–5.00) |  |  | 0 |  |\n", text,
            StringComparison.Ordinal);
        Assert.DoesNotContain("disturbed", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missed_target_without_a_reason_names_the_file_for_reasons()
    {
        string text = Written(Rows(ours: 200, waited: 0), MissedReasons.Parse([]));

        Assert.Contains("- `append` 64B, `estream`: reason unknown (add it to bench/missed-targets.txt)\n", text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_whose_threads_waited_for_a_processor_is_marked_and_not_judged()
    {
        string text = Written(Rows(ours: 105, waited: 5), MissedReasons.Parse([]));

        Assert.Contains("Do not quote their figures, or ratios to them. Their targets are not judged", text,
            StringComparison.Ordinal);
        Assert.Contains("**not judged** *disturbed*", text, StringComparison.Ordinal);
        Assert.Contains(" % *disturbed* |\n", text, StringComparison.Ordinal);
        Assert.Contains("| append | 64B | channels | 50.00 ns (50.00–50.00) | 0 % | 5.00 (5.00–5.00) |  |  | 0 |  |\n", text,
            StringComparison.Ordinal);
        Assert.Contains(
            "## Missed targets\n\nNothing.\n\nNot judged, because the machine was busy while these rows or their references "
            + "ran:\n\n- `append` 64B, `estream`\n\n## All rows", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_with_a_disturbed_reference_is_not_judged()
    {
        string text = Written(Rows(ours: 200, waited: 0, besideWaited: 5), MissedReasons.Parse([]));

        Assert.Contains("| <= 1.35 x | <= 1.1 x | **not judged** *disturbed* |\n", text, StringComparison.Ordinal);
        Assert.Contains("ran:\n\n- `append` 64B, `estream`\n\n## All rows", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("append 64B estream: one copy more", ": one copy more")]
    [InlineData("append 64B channels: of another row", "")]
    public void A_met_target_with_a_missed_aim_is_listed(string reason, string shown)
    {
        string text = Written(Rows(ours: 120, waited: 0), MissedReasons.Parse([reason]));

        Assert.Contains(
            $"## Missed targets\n\nNothing.\n\nTarget met, aim missed; with the reason if known:\n\n- `append` 64B, "
            + $"`estream`{shown}\n\n## All rows",
            text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_with_a_met_aim_is_not_listed_under_missed_targets()
    {
        string text = Written(Rows(ours: 105, waited: 0), MissedReasons.Parse(["append 64B estream: one copy more"]));

        Assert.Contains("## Missed targets\n\nNothing.\n\n## All rows", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("append 64B: no implementation")]
    [InlineData("append 64B estream:no space")]
    public void A_reason_without_a_row_name_is_rejected(string line)
    {
        Assert.Contains(line, Assert.Throws<FormatException>(() => MissedReasons.Parse([line])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_repositorys_reasons_name_existing_rows()
    {
        Assert.All(MissedReasons.Read().Rows, name => Assert.Contains(
            name, Catalog.All.SelectMany(s => s.Cases.SelectMany(c => c.Contenders.Select(r => $"{s.Name} {c.Name} {r.Implementation}")))));
    }

    [Fact]
    public void The_harness_writes_the_document()
    {
        using var directory = new TempDirectory();
        string file = directory.Combine("docs", "benchmarks.md");

        Harness.Run("esf-decode", "--quick", "--tiny", "--doc", file, "--data", directory.Path, "--disk", directory.Path).EnsureSuccess();

        Assert.Contains("| esf-decode | IoTTelemetry | estream |", File.ReadAllText(file), StringComparison.Ordinal);
    }

    private static string Written(IReadOnlyList<Row> rows, MissedReasons reasons)
    {
        using var stream = new MemoryStream();
        BenchmarksDocument.Write(stream, [("processor", "a fast one"), ("command", "Estream.Scenarios --quick")], s_plan, rows, reasons);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static List<Row> Rows(long ours, long waited, long besideWaited = 0)
    {
        IScenario append = Catalog.Find("append");
        ScenarioCase scenarioCase = append.Cases[0];
        return CaseRows.Of(append, scenarioCase,
        [
            (Of("floor-cpp"), [Round(100, besideWaited), Round(100, besideWaited), Round(100, besideWaited)]),
            (Of("estream"), [Round(ours, waited), Round(ours, waited), Round(ours + 10, waited)]),
            (Of("channels"), [new RunResult(10, 500) { AllocatedBytes = 0 }]),
        ]);

        Contender Of(string name) => scenarioCase.Contenders.Single(c => c.Implementation == name);
        static RunResult Round(long nanos, long waited) => new(10, nanos + waited) { WaitedNanos = waited };
    }
}
