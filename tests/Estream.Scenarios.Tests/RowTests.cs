using Estream.Scenarios.Harness;
using Estream.Testing;

namespace Estream.Scenarios.Tests;

public sealed class RowTests
{
    private static readonly IScenario s_append = Catalog.Find("append");

    [Theory]
    [InlineData(new long[] { 30, 10, 20 }, 2.0, 1.0, 3.0)]
    [InlineData(new long[] { 40, 10, 20, 30 }, 2.5, 1.0, 4.0)]
    public void Median_and_extremes_are_over_the_rounds(long[] nanos, double median, double min, double max)
    {
        Row row = Row.From(s_append, "estream", "64B", [.. nanos.Select(n => new RunResult(10, n))]);

        Assert.Equal((median, min, max, nanos.Length), (row.Median, row.Min, row.Max, row.Runs));
    }

    [Fact]
    public void Time_in_the_run_queue_is_taken_out_of_a_cost_but_not_out_of_a_rate()
    {
        var result = new RunResult(10, 1_000_000_000) { WaitedNanos = 400_000_000 };

        Assert.Equal(60_000_000, Unit.NanosPerOperation.FigureOf(result));
        Assert.Equal(10, Unit.OperationsPerSecond.FigureOf(result));
    }

    [Fact]
    public void A_ratio_target_needs_its_reference()
    {
        Row row = Row.From(s_append, "estream", "64B", [new RunResult(10, 100)]);

        Assert.Equal("<= 1.5 x: met", Target.AtMost(1.5).Judge(row, 1.5, out bool met));
        Assert.True(met);
        Assert.Equal("<= 1.5 x: MISSED", Target.AtMost(1.5).Judge(row, 1.51, out met));
        Assert.False(met);
        Assert.Equal("<= 1.5 x: no reference row", Target.AtMost(1.5).Judge(row, null, out met));
        Assert.False(met);
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
    public void Percentiles_are_fields_only_where_they_were_measured()
    {
        using var directory = new TempDirectory();
        string file = directory.Combine("rows.json");
        var timed = new RunResult(10, 100) { P50 = 9, P99 = 20, P999 = 700 };

        JsonRows.Write(file, [Row.From(s_append, "a", "64B", [timed]), Row.From(s_append, "b", "64B", [new RunResult(10, 100)])]);

        var rows = Harness.RowsIn(file);
        Assert.Equal(700, rows[0].GetProperty("p999").GetDouble());
        Assert.False(rows[1].TryGetProperty("p50", out _));
    }
}
