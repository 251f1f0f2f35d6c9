using Estream.Simulation.Machine;

namespace Estream.Simulation;

/// <summary>Checks that the simulation detects a machine that breaks its guarantees: at least one seed must report a violated
/// contract.</summary>
public sealed class BrokenMachineTests
{
    private const int Seeds = 300;

    public static TheoryData<string> All => [.. SimulationRunner.Scenarios.Keys];

    // Every scenario except "queue". That scenario requests no flush: after a power cut it requires only what a sync of the whole machine
    // put on the device, and the broken machine does not forget a sync.
    public static TheoryData<string> Flushing => [.. SimulationRunner.Scenarios.Keys.Where(scenario => scenario != "queue")];

    [Theory]
    [MemberData(nameof(All))]
    public void The_simulation_detects_a_machine_that_forgets_stores_at_a_crash(string scenario) =>
        AssertFoundOut(scenario, (arena, random) => new SimulatedMachine(arena, random) { ForgetsKilledStores = true });

    [Theory]
    [MemberData(nameof(Flushing))]
    public void The_simulation_detects_a_machine_that_lies_about_flushes(string scenario) =>
        AssertFoundOut(scenario, (arena, random) => new SimulatedMachine(arena, random) { ForgetsFlushes = true });

    [Theory]
    [InlineData("queue-durable")]
    [InlineData("queue-durable-shared")]
    [InlineData("queue-durable-encrypted")]
    [InlineData("queue-durable-seeks")]
    [InlineData("queue-durable-rotated")]
    [InlineData("queue-consume")]
    [InlineData("map-words")]
    [InlineData("bytemap")]
    public void The_simulation_detects_a_machine_that_forgets_names(string scenario) =>
        AssertFoundOut(scenario, (arena, random) => new SimulatedMachine(arena, random) { ForgetsNames = true });

    [Fact]
    public void The_simulation_detects_a_retention_that_forgets_the_slowest_reader() =>
        AssertFoundOut("queue", (arena, random) => new SimulatedMachine(arena, random) { HidesReaders = true });

    private static void AssertFoundOut(string scenario, Func<Arena, SeededRandom, SimulatedMachine> machine)
    {
        int found = 0;
        for (long seed = 0; seed < Seeds && found == 0; seed++)
        {
            try
            {
                SimulationRunner.Play(scenario, seed, machine);
            }
            catch (SimulationFailedException failure)
            {
                // A SimulatedDeath is not a finding: when a process was killed, the broken machine also ended the other processes, and one
                // of these was used again. Only a violation of a contract counts.
                Assert.Contains($"{SimulationRunner.SeedVariable}={seed} ", failure.Message, StringComparison.Ordinal);
                found += failure.InnerException is SimulatedDeath ? 0 : 1;
            }
        }

        Assert.Equal(1, found);
    }
}
