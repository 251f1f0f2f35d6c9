using System.Runtime.CompilerServices;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>`map-grow`: each round fills a new empty map and times every put, from the call to the return. Each of several writers puts
/// its share of the entries.</summary>
internal sealed class MapGrow<TStore> : IContender
    where TStore : struct, IMapStore
{
    private readonly ContenderContext _context;
    private readonly Func<ContenderContext, TStore> _open;
    private readonly long _entries;
    private readonly int _writers;
    private readonly Samples _samples;
    private readonly BoundThreads? _threads;
    private TStore _store;
    private int _round;

    public MapGrow(ContenderContext context, long entries, int writers, Func<ContenderContext, TStore> open)
    {
        _context = context;
        _open = open;
        _entries = entries;
        _writers = writers;
        _samples = new Samples(entries);
        _threads = writers == 1 ? null : new BoundThreads(writers);
        _store = open(context with { Directory = RoundDirectory });
    }

    private string RoundDirectory => Path.Combine(_context.Directory, $"round-{_round:000}");

    public RunResult Run()
    {
        Replace();
        RunResult whole = _threads is { } threads ? BoundThreads.Combined(threads.Run(Fill)) : FillAlone();
        RunResult round = _samples.Round(_store.Sum());
        return round with
        {
            AllocatedBytes = whole.AllocatedBytes,

            // The elapsed time of the round excludes the clock readings, so the round gets only its share of the waiting time.
            WaitedNanos = (long?)((double?)whole.WaitedNanos * round.ElapsedNanos / whole.ElapsedNanos),
        };
    }

    public void Dispose()
    {
        _threads?.Dispose();
        _store.Dispose();
    }

    // Not timed: opens a new empty map. Collects the garbage of the last round, so that its collection does not count for the next round.
    private void Replace()
    {
        _store.Dispose();
        _store = default;
        if (Directory.Exists(RoundDirectory))
        {
            Directory.Delete(RoundDirectory, recursive: true);
        }

        GC.Collect();
        _round++;
        _store = _open(_context with { Directory = RoundDirectory });
    }

    private RunResult FillAlone()
    {
        HelperTime helpers = HelperTime.Start();
        return helpers.TakenFrom(Fill(0));
    }

    private RunResult Fill(int writer)
    {
        long count = _entries / _writers;
        RoundTimer timer = RoundTimer.Start();
        for (long first = 0; first < count; first += MapWorkload.BatchOperations)
        {
            Batch(writer, first, (int)Math.Min(MapWorkload.BatchOperations, count - first));
        }

        return timer.Stop(count);
    }

    /// <summary>Called often enough to be compiled separately, as in <see cref="Batches"/>. Writers record their times separately, because
    /// shared cache lines would slow them down.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Batch(int writer, long first, int count)
    {
        TStore store = _store;
        Samples samples = _samples;
        long notes = (writer * (_entries / _writers)) + first;
        for (int i = 0; i < count; i++)
        {
            ulong entry = (ulong)(((first + i) * _writers) + writer);
            ulong key = KeySequence.KeyOf(entry);
            long before = Samples.Now();
            store.Put(key, entry);
            samples.Set(notes + i, before, Samples.Now());
        }
    }
}
