using System.Globalization;
using Estream.Core;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Circuits.ServiceLevels;

/// <summary>Monitors whether a circuit keeps its service level. Evaluated by one thread; the states may be read by any thread.</summary>
internal sealed class ServiceLevelWatch
{
    private readonly Promise[] _promises;

    /// <summary>The watch of a circuit without a service level.</summary>
    public static readonly ServiceLevelWatch Empty = new(new ServiceLevel(), [], []);

    /// <param name="level">The service level.</param>
    /// <param name="outputs">The outputs of the circuit.</param>
    /// <param name="queues">The queues of the outputs.</param>
    public ServiceLevelWatch(ServiceLevel level, IReadOnlyList<MonitoredOutput> outputs, IReadOnlyList<EstreamQueue> queues)
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

    /// <summary>Evaluates all promises.</summary>
    /// <returns>The promises whose state changed between kept and broken.</returns>
    public IEnumerable<ServiceLevelState> Evaluate(IClock clock) =>
        [.. _promises.Where(promise => promise.Evaluate(clock)).Select(promise => promise.State)];
}

/// <summary>The promise that messages are processed in time.</summary>
internal sealed class LatencyPromise(ServiceLevel level, IReadOnlyList<MonitoredOutput> outputs)
    : WindowedPromise<LatencyCounts>("latency", $"{NameOf(level.LatencyPerMille)} <= {TimeText.Of(level.Latency!.Value)}", level.Window,
        outputs)
{
    protected override LatencyCounts CountOf(MonitoredOutput output) => output.Latency!.Counts;

    protected override (string Measured, double Share)? Judge(MonitoredOutput output, LatencyCounts before, LatencyCounts now,
        double seconds,
        bool isBusy)
    {
        LatencyCounts window = now.Since(before);
        if (window.Total == 0)
        {
            // An output that makes no progress is late with all waiting messages.
            return isBusy ? ("no message read", double.PositiveInfinity) : null;
        }

        double late = window.Late * 1_000.0, allowed = window.Total * (1_000 - level.LatencyPerMille);
        return ($"{NameOf(level.LatencyPerMille)} {TimeText.Of(window.Percentile(level.LatencyPerMille))}", late / allowed);
    }

    // 990 per mille is the 99th percentile, 999 the 99.9th.
    private static string NameOf(int perMille) => string.Create(CultureInfo.InvariantCulture, $"p{perMille / 10.0:0.#}");
}

/// <summary>The promise that messages are read fast enough while some are waiting.</summary>
internal sealed class ThroughputPromise(ServiceLevel level, IReadOnlyList<MonitoredOutput> outputs)
    : WindowedPromise<long>("throughput", string.Create(CultureInfo.InvariantCulture, $">= {level.Throughput} messages a second"),
        level.Window, outputs)
{
    protected override long CountOf(MonitoredOutput output) => output.Results.Read;

    protected override (string Measured, double Share)? Judge(MonitoredOutput output, long before, long now, double seconds, bool isBusy)
    {
        if (!isBusy)
        {
            return null;
        }

        double rate = (now - before) / seconds;
        return (string.Create(CultureInfo.InvariantCulture, $"{rate:0.#} messages a second"), level.Throughput!.Value / rate);
    }
}
