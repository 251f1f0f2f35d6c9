using Estream.Core;
using Estream.Queue;

namespace Estream.Circuits.ServiceLevels;

/// <summary>Watches whether a circuit does what it promises. Looked at by one thread; what it has found may be read from any.</summary>
internal sealed class ServiceLevelWatch
{
    private readonly Promise[] _promises;

    /// <summary>Of a circuit that promises nothing.</summary>
    public static readonly ServiceLevelWatch OfNothing = new(new ServiceLevel(), [], []);

    /// <param name="level">What is promised.</param>
    /// <param name="outputs">The outputs of the circuit.</param>
    /// <param name="queues">The queues of its outputs.</param>
    public ServiceLevelWatch(ServiceLevel level, IReadOnlyList<WatchedOutput> outputs, IReadOnlyList<EstreamQueue> queues)
    {
        List<Promise> promises = [];
        if (level.Latency is not null)
        {
            promises.Add(new LatencyPromise(level, outputs));
        }

        if (level.Throughput is not null)
        {
            promises.Add(new ThroughputPromise(level, outputs));
        }

        if (level.Durability is not null)
        {
            promises.Add(new DurabilityPromise(level, queues));
        }

        _promises = [.. promises];
    }

    public IReadOnlyList<ServiceLevelState> States => [.. _promises.Select(promise => promise.State)];

    /// <summary>Looks at all promises.</summary>
    /// <returns>Those that were kept before and are not, and the other way round.</returns>
    public IEnumerable<ServiceLevelState> Look(IClock clock) => [.. _promises.Where(promise => promise.Look(clock)).Select(promise => promise.State)];
}
