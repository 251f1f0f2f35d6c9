using System.Globalization;
using Estream.Streams.Operators;

namespace Estream.Circuits.ServiceLevels;

/// <summary>That messages are taken in time.</summary>
internal sealed class LatencyPromise(ServiceLevel level, IReadOnlyList<WatchedOutput> outputs)
    : WindowedPromise<LatencyCounts>("latency", $"{NameOf(level.LatencyPerMille)} <= {TimeText.Of(level.Latency!.Value)}", level.Window, outputs)
{
    protected override LatencyCounts CountOf(WatchedOutput output) => output.Latency!.Counts;

    protected override (string Measured, double Share)? Judge(WatchedOutput output, LatencyCounts before, LatencyCounts now, double seconds, bool isBusy)
    {
        LatencyCounts window = now.Since(before);
        if (window.Total == 0)
        {
            // Who stands still is late with all that wait.
            return isBusy ? ("no message taken", double.PositiveInfinity) : null;
        }

        double late = window.Late * 1_000.0, allowed = window.Total * (1_000 - level.LatencyPerMille);
        return ($"{NameOf(level.LatencyPerMille)} {TimeText.Of(window.Percentile(level.LatencyPerMille))}", late / allowed);
    }

    // 990 in a thousand is the 99th percentile, 999 the 99.9th.
    private static string NameOf(int perMille) => string.Create(CultureInfo.InvariantCulture, $"p{perMille / 10.0:0.#}");
}
