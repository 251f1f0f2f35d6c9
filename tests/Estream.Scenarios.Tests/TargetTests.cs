using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Tests;

public sealed class TargetTests
{
    private static readonly IScenario s_append = Catalog.Find("append");

    [Theory]
    [InlineData(1.0, "aim met")]
    [InlineData(1.1, "aim met")]
    [InlineData(1.11, "met")]
    [InlineData(1.5, "met")]
    [InlineData(1.51, "MISSED")]
    [InlineData(null, "no reference row")]
    public void A_ratio_is_judged(double? ratio, string verdict)
    {
        Row row = RowOf(new RunResult(10, 100)) with { Ratio = ratio is { } value ? new Ratio("floor-cpp", value, value, value) : null };

        Assert.Equal(verdict, Target.AtMost(1.5, aim: 1.1).Judge(row).ToText());
    }

    [Theory]
    [InlineData(0.5, "met")]
    [InlineData(2.0, "met")]
    [InlineData(2.1, "MISSED")]
    [InlineData(null, "no reference row")]
    public void What_is_added_is_judged_by_itself(double? ratio, string verdict)
    {
        // 10 ns, of which 5 ns are the reference's if the ratio is 2.
        Row row = RowOf(new RunResult(10, 100)) with { Ratio = ratio is { } value ? new Ratio("unmetered", value, value, value) : null };

        Assert.Equal(verdict, new Target([Goal.MoreByAtMost(5)], []).Judge(row).ToText());
    }

    [Theory]
    [InlineData(15, 1000, 0, "aim met")]
    [InlineData(15, 1000, 1, "met")]
    [InlineData(16, 1000, 0, "MISSED")]
    [InlineData(15, 1001, 0, "MISSED")]
    public void Several_goals_are_all_needed(double p50, double p999, long faults, string verdict)
    {
        Row row = RowOf(new RunResult(10, 100) { P50 = p50, P99 = 0, P999 = p999, PageFaults = faults });
        var target = new Target([Goal.P50Below(15), Goal.P999Below(1000)], [Goal.NoPageFault]);

        Assert.Equal(verdict, target.Judge(row).ToText());
    }

    [Theory]
    [InlineData(1_000, "met")]
    [InlineData(1_001, "MISSED")]
    [InlineData(null, "no reference row")]
    public void What_is_allocated_is_judged_per_operation(int? bytes, string verdict)
    {
        Assert.Equal(verdict,
            new Target([Goal.AllocatedAtMost(100)], []).Judge(RowOf(new RunResult(10, 100) { AllocatedBytes = bytes })).ToText());
    }

    [Theory]
    [InlineData(10, "aim met")]
    [InlineData(11, "aim not met")]
    public void What_is_only_hoped_for_cannot_be_missed(long nanos, string verdict)
    {
        Assert.Equal(verdict, new Target([], [Goal.Below(10)]).Judge(RowOf(new RunResult(1, nanos))).ToText());
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(1.4)]
    [InlineData(1.6)]
    public void What_was_measured_on_a_busy_machine_is_not_judged(double ratio)
    {
        Target target = Target.AtMost(1.5, aim: 1.1);
        var quiet = new Ratio("floor-cpp", ratio, ratio, ratio);

        Assert.Equal("not judged", target.Judge(RowOf(new RunResult(10, 100) { WaitedNanos = 3 }) with { Ratio = quiet }).ToText());
        Assert.Equal("not judged",
            target.Judge(RowOf(new RunResult(10, 100)) with { Ratio = quiet with { IsReferenceDisturbed = true } }).ToText());
        Assert.NotEqual("not judged", target.Judge(RowOf(new RunResult(10, 100) { WaitedNanos = 2 }) with { Ratio = quiet }).ToText());
    }

    [Fact]
    public void Of_a_rate_more_is_better()
    {
        Row row = Row.From(Catalog.Find("mqtt-ingest"), "estream", "100B", [new RunResult(400_000, 1_000_000_000)]);

        Assert.Equal("met", Target.AtLeast(400_000).Judge(row).ToText());
        Assert.Equal("MISSED", Target.AtLeast(400_001).Judge(row).ToText());
        Assert.Equal("aim met",
            new Target([], [Goal.AtLeastTimes(0.9)]).Judge(row with { Ratio = new Ratio("floor-cpp", 0.9, 0.9, 0.9) }).ToText());
    }

    [Theory]
    [InlineData(0, "met")]
    [InlineData(4, "met")]
    [InlineData(1_000, "MISSED")]
    public void An_allocation_of_operations_shows_and_one_of_the_round_does_not(long bytes, string verdict)
    {
        Row row = RowOf(new RunResult(1_000, 100) { AllocatedBytes = bytes });

        Assert.Equal(verdict, new Target([Goal.NoAllocation], []).Judge(row).ToText());
    }

    [Theory]
    [InlineData(99.0, "met")]
    [InlineData(100.0, "met")]
    [InlineData(101.0, "MISSED")]
    [InlineData(null, "no reference row")]
    public void A_tail_is_judged_by_that_of_the_reference(double? p99, string verdict)
    {
        Row row = RowOf(new RunResult(10, 100) { P50 = 1, P99 = p99 ?? 1, P999 = 1 });
        Ratio? ratio = p99 is null ? null : new Ratio("quickfix", 5, 5, 5) { ReferenceP99 = 100 };

        Assert.Equal(verdict, new Target([Goal.P99AtMostTimes(1)], []).Judge(row with { Ratio = ratio }).ToText());
    }

    private static Row RowOf(RunResult round) => Row.From(s_append, "estream", "64B", [round]);
}
