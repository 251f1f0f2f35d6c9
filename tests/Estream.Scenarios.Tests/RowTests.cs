using Estream.Scenarios.Harness;
using Estream.Testing;

namespace Estream.Scenarios.Tests;

public sealed class RowTests
{
    private static readonly IScenario s_append = Catalog.Find("append");

    [Theory]
    [InlineData(new long[] { 30, 10, 20 }, 2.0, 1.0, 3.0)]
    [InlineData(new long[] { 40, 10, 20, 30 }, 2.5, 1.0, 4.0)]
    public void Median_and_extremes_are_calculated_over_the_rounds(long[] nanos, double median, double min, double max)
    {
        Row row = Row.From(s_append, "estream", "64B", [.. nanos.Select(n => new RunResult(10, n))]);

        Assert.Equal((median, min, max, nanos.Length), (row.Median, row.Min, row.Max, row.Runs));
    }

    [Fact]
    public void Time_in_the_run_queue_is_subtracted_from_a_cost_but_not_from_a_rate()
    {
        var result = new RunResult(10, 1_000_000_000) { WaitedNanos = 400_000_000 };

        Assert.Equal(60_000_000, Unit.NanosPerOperation.FigureOf(result));
        Assert.Equal(10, Unit.OperationsPerSecond.FigureOf(result));
    }

    [Fact]
    public void The_json_file_is_overwritten()
    {
        using var directory = new TempDirectory();
        string file = directory.Combine("below", "rows.json");
        Row[] rows = [.. Enumerable.Range(0, 3).Select(i => Row.From(s_append, $"peer-{i}", "64B", [new RunResult(10, 100)]))];

        JsonRows.Write(file, rows);
        JsonRows.Write(file, rows[..1]);

        Assert.Equal("peer-0", Assert.Single(Harness.RowsIn(file)).Text("implementation"));
        Assert.Single(Directory.EnumerateFiles(Path.GetDirectoryName(file)!));
    }

    [Fact]
    public void Unmeasured_values_have_no_json_field()
    {
        using var directory = new TempDirectory();
        string file = directory.Combine("rows.json");
        var timed = new RunResult(10, 100) { P50 = 9, P99 = 20, P999 = 700, Longest = 800, PageFaults = 2 };

        JsonRows.Write(file,
            [Row.From(s_append, "a", "64B", [timed, timed with { Longest = 9000 }]),
                Row.From(s_append, "b", "64B", [new RunResult(10, 100)])]);

        var rows = Harness.RowsIn(file);
        Assert.Equal((700, 4), (rows[0].GetProperty("p999").GetDouble(), rows[0].GetProperty("pageFaults").GetInt64()));
        Assert.Equal(9000, rows[0].GetProperty("longest").GetDouble());
        Assert.Equal(
            ["scenario", "implementation", "case", "unit", "median", "min", "max", "runs"],
            rows[1].EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void A_row_contains_its_ratio_and_its_target()
    {
        using var directory = new TempDirectory();
        string file = directory.Combine("rows.json");
        ScenarioCase scenarioCase = s_append.Cases[0];
        Contender floor = scenarioCase.Contenders.Single(c => c.Implementation == "floor-cpp");
        Contender product = scenarioCase.Contenders.Single(c => c.Implementation == "estream");

        JsonRows.Write(file, CaseRows.Of(s_append, scenarioCase,
        [
            (floor, [new RunResult(10, 100), new RunResult(10, 110), new RunResult(10, 120)]),
            (product, [new RunResult(10, 130), new RunResult(10, 132), new RunResult(10, 180)]),
        ]));

        var rows = Harness.RowsIn(file);
        Assert.False(rows[0].TryGetProperty("ratio", out _));
        Assert.Equal("floor-cpp", rows[1].Text("reference"));
        Assert.Equal(
            [1.2, 1.2, 1.5],
            new[] { "ratio", "ratioMin", "ratioMax" }.Select(name => rows[1].GetProperty(name).GetDouble()));
        Assert.Equal(("<= 1.35 x", "<= 1.1 x", "met"), (rows[1].Text("must"), rows[1].Text("aim"), rows[1].Text("verdict")));
    }

    [Fact]
    public void A_row_can_be_compared_with_another_row_than_the_reference_of_its_case()
    {
        ScenarioCase scenarioCase = s_append.Cases[0];
        Contender Find(string name) => scenarioCase.Contenders.Single(c => c.Implementation == name);

        List<Row> rows = CaseRows.Of(s_append, scenarioCase,
        [
            (Find("floor-cpp"), [new RunResult(10, 100)]),
            (Find("estream"), [new RunResult(10, 200) { WaitedNanos = 100 }]),
            (Find("channels") with { Reference = "estream" }, [new RunResult(10, 300)]),
            (Find("faster-log") with { Reference = "absent" }, [new RunResult(10, 300)]),
        ]);

        Assert.Equal(new Ratio("estream", 3, 3, 3) { IsReferenceDisturbed = true }, rows[2].Ratio);
        Assert.Null(rows[3].Ratio);
    }
}
