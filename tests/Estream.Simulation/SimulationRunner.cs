using System.Collections.Concurrent;
using System.Text;
using Estream.Queue;
using Estream.Simulation.Machine;
using Estream.Simulation.Scenarios;

namespace Estream.Simulation;

/// <summary>Runs scenarios by seed; a failure is reported with the seed and the command that replays it.</summary>
internal static class SimulationRunner
{
    /// <summary>The environment variables of a replay; see docs/testing.md.</summary>
    public const string ScenarioVariable = "ESTREAM_SIM_SCENARIO";

    public const string SeedVariable = "ESTREAM_SIM_SEED";

    // Follows the name of a scenario, before the name of an attack.
    private const char AttackSeparator = '@';

    /// <summary>The available scenarios.</summary>
    public static readonly IReadOnlyDictionary<string, Func<Scenarios.Simulation, Scenario>> Scenarios =
        new SortedDictionary<string, Func<Scenarios.Simulation, Scenario>>
    {
        ["queue"] = run => new QueueScenario(run),
        ["bytemap"] = run => new ByteMapScenario(run),
        ["bytemap-encrypted"] = run => new ByteMapScenario(run, hasBatches: true, isEncrypted: true),
        ["bytemap-batches"] = run => new ByteMapScenario(run, hasBatches: true),
        ["queue-durable"] = run => new DurableScenario(run, AppenderMode.Exclusive),
        ["queue-durable-shared"] = run => new DurableScenario(run, AppenderMode.Shared),
        ["queue-durable-quorum"] = run =>
            new DurableScenario(run, run.Seed % 2 == 0 ? AppenderMode.Exclusive : AppenderMode.Shared, hasQuorum: true),
        ["queue-durable-encrypted"] = run =>
            new DurableScenario(run, run.Seed % 2 == 0 ? AppenderMode.Exclusive : AppenderMode.Shared, isEncrypted: true),
        ["queue-durable-seeks"] = run =>
            new DurableScenario(run, run.Seed % 2 == 0 ? AppenderMode.Exclusive : AppenderMode.Shared, hasSeeks: true),
        ["queue-durable-rotated"] = run => new DurableScenario(
            run, run.Seed % 2 == 0 ? AppenderMode.Exclusive : AppenderMode.Shared, isEncrypted: true, hasSeeks: true, hasRotations: true),
        ["queue-retention"] = run => new RetentionScenario(run),
        ["queue-consume"] = run => new ConsumeScenario(run),
        ["queue-failover"] = run => new FailoverScenario(run),
        ["queue-group"] = run => new GroupScenario(run),
        ["ingress"] = run => new IngressScenario(run),
        ["ingress-control"] = run => new ControlScenario(run),
        ["fix-ingress"] = run => new FixIngressScenario(run),
        ["payment-ingress"] = run => new PaymentIngressScenario(run),
        ["map-feed"] = run => new FeedScenario(run, writers: 1),
        ["map-many-feed"] = run => new FeedScenario(run, writers: 2),
        ["map-words"] = run => new MapScenario<long>(run, operation => operation),
        ["map-wide"] = run => new MapScenario<WideValue>(run, WideValue.Of),
        ["map-many-words"] = run => new MapScenario<long>(run, operation => operation, writers: 3),
        ["map-many-wide"] = run => new MapScenario<WideValue>(run, WideValue.Of, writers: 3),
        ["map-batches"] = run => new MapScenario<WideValue>(run, WideValue.Of, hasBatches: true),
        ["map-many-batches"] = run => new MapScenario<long>(run, operation => operation, writers: 3, hasBatches: true),
        ["map-versions"] = run => new VersionedScenario(run, new StampedTypes<WideValue>(WideValue.Of), writers: 1),
        ["map-many-versions"] = run => new VersionedScenario(run, new StampedTypes<long>(operation => operation), writers: 3),
        ["transactions"] = run => new TransactionScenario(run),
        ["witness"] = run => new WitnessScenario(run),
        ["bytemap-versions"] = run => new VersionedScenario(run, new StampedBytes(run.Seed % 2 == 0 ? 4096 : 16384), writers: 1),
    };

    // The arenas that no run uses. Shared by all threads: an arena of one thread would keep its memory when the thread ends.
    private static readonly ConcurrentStack<Arena> s_arenas = new();

    // Without a limit, Parallel.For uses every thread that the thread pool adds during a long run, and each needs an arena.
    private static readonly ParallelOptions s_allProcessors = new() { MaxDegreeOfParallelism = Environment.ProcessorCount };

    /// <summary>The name of a scenario whose machine has one failure again and again.</summary>
    public static string Under(Attack attack, string scenario) => $"{scenario}{AttackSeparator}{attack}";

    /// <summary>Runs one seed.</summary>
    /// <param name="scenario">A key of <see cref="Scenarios"/>, or a name from <see cref="Under"/>.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="machine">Makes another machine.</param>
    /// <returns>A fingerprint of the run.</returns>
    /// <exception cref="SimulationFailedException">A contract was violated; the message contains the reason and the command that replays
    /// it.</exception>
    public static ulong Play(string scenario, long seed, Func<Arena, SeededRandom, SimulatedMachine>? machine = null)
    {
        if (!s_arenas.TryPop(out Arena? arena))
        {
            arena = new Arena();
        }

        arena.Reset();
        string[] parts = scenario.Split(AttackSeparator);
        var run = new Scenarios.Simulation(seed, arena, machine?.Invoke(arena, new SeededRandom(seed)))
        {
            Attack = parts.Length == 1 ? Attack.None : Enum.Parse<Attack>(parts[1]),
        };
        try
        {
            Scenarios[parts[0]](run).Play();
            run.Machine.RefuseOtherThreads();
            return run.Fingerprint;
        }
        catch (Exception cause)
        {
            throw new SimulationFailedException(Describe(scenario, run, cause), cause);
        }
        finally
        {
            s_arenas.Push(arena);
        }
    }

    /// <summary>Runs a range of seeds on all processors, up to the first failure.</summary>
    public static void PlayRange(string scenario, long first, long count)
    {
        SimulationFailedException? failure = null;
        Parallel.For(first, first + count, s_allProcessors, (seed, loop) =>
        {
            try
            {
                Play(scenario, seed);
            }
            catch (SimulationFailedException broken)
            {
                Interlocked.CompareExchange(ref failure, broken, null);
                loop.Stop();
            }
        });
        if (failure is not null)
        {
            throw new SimulationFailedException(failure.Message, failure);
        }
    }

    private static string Describe(string scenario, Scenarios.Simulation run, Exception cause)
    {
        var text = new StringBuilder();
        text.AppendLine($"scenario {scenario}, seed {run.Seed}, step {run.Steps}: {cause.Message}");
        text.AppendLine(
            $"again: {SeedVariable}={run.Seed} {ScenarioVariable}={scenario} "
            + "dotnet test tests/Estream.Simulation -c Release --filter ReplayTests");
        text.AppendLine("the last steps:");
        foreach (string step in run.Trace)
        {
            text.AppendLine(step);
        }

        return text.Append(cause).ToString();
    }
}

/// <summary>Thrown when a seed violates a contract.</summary>
internal sealed class SimulationFailedException(string message, Exception cause) : Exception(message, cause);
