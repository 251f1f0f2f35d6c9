using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Tests;

public sealed class WorkloadTests
{
    [Theory]
    [InlineData(1_000)]
    [InlineData(10_000)]
    [InlineData(1)]
    public void TurnSequence_visits_every_entry_once_per_turn_and_gives_its_expected_value(int entries)
    {
        var values = Enumerable.Range(0, entries).ToDictionary(i => KeySequence.KeyOf((ulong)i), i => (ulong)i);
        var turns = new TurnSequence((ulong)entries);

        for (int turn = 0; turn < 3; turn++)
        {
            var met = new HashSet<ulong>();
            for (int i = 0; i < entries; i++)
            {
                ulong key = turns.Next();
                Assert.True(met.Add(key));
                Assert.Equal(values[key]++, turns.Value);
            }
        }
    }

    [Fact]
    public void The_next_key_can_depend_on_a_value()
    {
        var one = new KeySequence(1_000_000);
        var other = new KeySequence(1_000_000);

        Assert.Equal(one.Next(), other.NextAfter(0));
        Assert.NotEqual(one.Next(), other.NextAfter(12345));
    }

    [Fact]
    public void Fewer_operations_are_still_whole_batches()
    {
        Assert.All(MapWorkload.Cases, name => Assert.All(
            [RunSize.Full, RunSize.Tiny],
            size => Assert.Equal(MapWorkload.Of(name, size).Operations, MapWorkload.Of(name, size, 32).Operations * 32)));
    }

    [Fact]
    public void Percentiles_exclude_the_cost_of_the_clock()
    {
        var samples = new Samples(1001);
        for (int i = 0; i < 1001; i++)
        {
            samples.Set(i, 0, 1_000_000 + (1000 * i));
        }

        RunResult round = samples.Round(check: 7);

        // The clock's own cost is subtracted, the same amount from every sample.
        double clock = 1_500_000 - round.P50!.Value;
        Assert.InRange(clock, 0, 100_000);
        Assert.Equal((1_990_000 - clock, 1_999_000 - clock, 7UL), (round.P99!.Value, round.P999!.Value, round.Check!.Value));
        Assert.Equal(2_000_000 - clock, round.Longest!.Value);
    }
}
