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
    public void A_ratio_is_judged_against_must_and_aim(double? ratio, string verdict)
    {
        Row row = RowOf(new RunResult(10, 100)) with { Ratio = ratio is { } value ? new Ratio("floor-cpp", value, value, value) : null };

        Assert.Equal(verdict, Target.AtMost(1.5, aim: 1.1).Judge(row).ToText());
    }

    [Theory]
    [InlineData(0.5, "met")]
    [InlineData(2.0, "met")]
    [InlineData(2.1, "MISSED")]
    [InlineData(null, "no reference row")]
    public void An_added_cost_is_judged_by_its_difference_from_the_reference(double? ratio, string verdict)
    {
        // The row takes 10 ns. If the ratio is 2, the reference takes 5 ns.
        Row row = RowOf(new RunResult(10, 100)) with { Ratio = ratio is { } value ? new Ratio("unmetered", value, value, value) : null };

        Assert.Equal(verdict, new Target([Goal.MoreByAtMost(5)], []).Judge(row).ToText());
    }

    [Theory]
    [InlineData(15, 1000, 0, "aim met")]
    [InlineData(15, 1000, 1, "met")]
    [InlineData(16, 1000, 0, "MISSED")]
    [InlineData(15, 1001, 0, "MISSED")]
    public void All_goals_of_a_target_must_be_met(double p50, double p999, long faults, string verdict)
    {
        Row row = RowOf(new RunResult(10, 100) { P50 = p50, P99 = 0, P999 = p999, PageFaults = faults });
        var target = new Target([Goal.P50Below(15), Goal.P999Below(1000)], [Goal.NoPageFault]);

        Assert.Equal(verdict, target.Judge(row).ToText());
    }

    [Theory]
    [InlineData(1_000, "met")]
    [InlineData(1_001, "MISSED")]
    [InlineData(null, "no reference row")]
    public void Allocations_are_judged_per_operation(int? bytes, string verdict)
    {
        Assert.Equal(verdict,
            new Target([Goal.AllocatedAtMost(100)], []).Judge(RowOf(new RunResult(10, 100) { AllocatedBytes = bytes })).ToText());
    }

    [Theory]
    [InlineData(10, "aim met")]
    [InlineData(11, "aim not met")]
    public void A_target_with_only_an_aim_cannot_be_missed(long nanos, string verdict)
    {
        Assert.Equal(verdict, new Target([], [Goal.Below(10)]).Judge(RowOf(new RunResult(1, nanos))).ToText());
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(1.4)]
    [InlineData(1.6)]
    public void A_row_measured_on_a_busy_machine_is_not_judged(double ratio)
    {
        Target target = Target.AtMost(1.5, aim: 1.1);
        var quiet = new Ratio("floor-cpp", ratio, ratio, ratio);

        Assert.Equal("not judged", target.Judge(RowOf(new RunResult(10, 100) { WaitedNanos = 3 }) with { Ratio = quiet }).ToText());
        Assert.Equal("not judged",
            target.Judge(RowOf(new RunResult(10, 100)) with { Ratio = quiet with { IsReferenceDisturbed = true } }).ToText());
        Assert.NotEqual("not judged", target.Judge(RowOf(new RunResult(10, 100) { WaitedNanos = 2 }) with { Ratio = quiet }).ToText());
    }

    [Fact]
    public void A_higher_rate_is_better()
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
    public void Allocations_of_operations_count_and_those_of_the_round_do_not(long bytes, string verdict)
    {
        Row row = RowOf(new RunResult(1_000, 100) { AllocatedBytes = bytes });

        Assert.Equal(verdict, new Target([Goal.NoAllocation], []).Judge(row).ToText());
    }

    [Theory]
    [InlineData(99.0, "met")]
    [InlineData(100.0, "met")]
    [InlineData(101.0, "MISSED")]
    [InlineData(null, "no reference row")]
    public void A_tail_latency_is_judged_against_that_of_the_reference(double? p99, string verdict)
    {
        Row row = RowOf(new RunResult(10, 100) { P50 = 1, P99 = p99 ?? 1, P999 = 1 });
        Ratio? ratio = p99 is null ? null : new Ratio("quickfix", 5, 5, 5) { ReferenceP99 = 100 };

        Assert.Equal(verdict, new Target([Goal.P99AtMostTimes(1)], []).Judge(row with { Ratio = ratio }).ToText());
    }

    private static Row RowOf(RunResult round) => Row.From(s_append, "estream", "64B", [round]);
}
