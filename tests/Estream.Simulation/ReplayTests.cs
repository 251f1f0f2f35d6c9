using Estream.Testing;

namespace Estream.Simulation;

/// <summary>Replays one seed, as the message of a failure says, and checks that a seed determines the whole run.</summary>
public sealed class ReplayTests
{
    public static TheoryData<string> Scenarios => [.. SimulationRunner.Scenarios.Keys];

    [Fact]
    public void The_requested_seed_keeps_its_contract()
    {
        string scenario = Environment.GetEnvironmentVariable(SimulationRunner.ScenarioVariable) ?? "queue";
        string seed = Environment.GetEnvironmentVariable(SimulationRunner.SeedVariable) ?? "0";
        Assert.NotEqual(0UL, SimulationRunner.Play(scenario, long.Parse(seed)));
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void The_same_seed_gives_the_same_run(string scenario)
    {
        int seeds = LongRun.Count(20, 100);   // SeedTests plays all of them once on every run
        var fingerprints = new HashSet<ulong>();
        for (long seed = 0; seed < seeds; seed++)
        {
            ulong first = SimulationRunner.Play(scenario, seed);
            Assert.Equal(first, SimulationRunner.Play(scenario, seed));
            fingerprints.Add(first);
        }

        Assert.InRange(fingerprints.Count, seeds * 9 / 10, seeds);
    }
}
