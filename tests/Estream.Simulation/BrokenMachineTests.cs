using Estream.Simulation.Machine;

namespace Estream.Simulation;

/// <summary>A simulation that finds nothing proves nothing: on machines that break their word the contracts are seen to break.</summary>
public sealed class BrokenMachineTests
{
    private const int Seeds = 300;

    [Theory]
    [InlineData("queue")]
    [InlineData("queue-durable")]
    [InlineData("queue-durable-shared")]
    [InlineData("queue-consume")]
    [InlineData("map-words")]
    [InlineData("map-wide")]
    [InlineData("transactions")]
    public void A_machine_that_forgets_stores_at_a_kill_is_found_out(string scenario) =>
        AssertFoundOut(scenario, (arena, random) => new SimulatedMachine(arena, random) { ForgetsKilledStores = true });

    [Theory]
    [InlineData("queue-durable")]
    [InlineData("queue-durable-shared")]
    [InlineData("queue-consume")]
    [InlineData("map-words")]
    [InlineData("map-wide")]
    [InlineData("transactions")]
    public void A_machine_that_lies_about_flushes_is_found_out(string scenario) =>
        AssertFoundOut(scenario, (arena, random) => new SimulatedMachine(arena, random) { ForgetsFlushes = true });

    [Theory]
    [InlineData("queue-durable")]
    [InlineData("queue-durable-shared")]
    [InlineData("queue-consume")]
    public void A_machine_that_forgets_names_is_found_out(string scenario) =>
        AssertFoundOut(scenario, (arena, random) => new SimulatedMachine(arena, random) { ForgetsNames = true });

    [Fact]
    public void A_retention_that_forgets_the_slowest_reader_is_found_out() =>
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
                Assert.Contains($"{SimulationRunner.SeedVariable}={seed} ", failure.Message, StringComparison.Ordinal);
                found++;
            }
        }

        Assert.Equal(1, found);
    }
}
