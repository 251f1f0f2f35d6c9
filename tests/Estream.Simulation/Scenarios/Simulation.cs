using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>One run: a seed, the machine it determines, and the actions so far.</summary>
internal sealed class Simulation
{
    private const int TraceLimit = 80;
    private const int LongTraceLimit = 4_000;

    private readonly Queue<string> _trace = new();

    public Simulation(long seed, Arena arena, SimulatedMachine? machine = null)
    {
        Seed = seed;
        Arena = arena;
        Machine = machine ?? new SimulatedMachine(arena, new SeededRandom(seed));
        if (IsReplay)
        {
            Machine.Listener = what => Keep($"        {what}");
        }
    }

    /// <summary>Whether one seed is replayed for inspection: then every operation is recorded.</summary>
    public static bool IsReplay { get; } = Environment.GetEnvironmentVariable(SimulationRunner.SeedVariable) is not null;

    public long Seed { get; }

    /// <summary>The failure that this run repeats.</summary>
    public Attack Attack { get; init; }

    /// <summary>The memory of the files of all machines.</summary>
    public Arena Arena { get; }

    public SimulatedMachine Machine { get; }

    public SeededRandom Random => Machine.Random;

    public int Steps { get; private set; }

    /// <summary>A hash of all recorded actions, which shows whether two runs did the same.</summary>
    public ulong Fingerprint { get; private set; } = 14_695_981_039_346_656_037;

    /// <summary>The last actions, for a person to read.</summary>
    public IEnumerable<string> Trace => _trace;

    /// <summary>Records the current action.</summary>
    public void Note(string what)
    {
        Steps++;
        foreach (char c in what)
        {
            Fingerprint = (Fingerprint ^ c) * 1_099_511_628_211;
        }

        Keep($"{Steps,5} {what}");
    }

    private void Keep(string line)
    {
        _trace.Enqueue(line);
        if (_trace.Count > (IsReplay ? LongTraceLimit : TraceLimit))
        {
            _trace.Dequeue();
        }
    }
}
