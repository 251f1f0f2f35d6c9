using System.Globalization;

namespace Estream.Circuits.ServiceLevels;

/// <summary>That messages are taken fast enough while some wait.</summary>
internal sealed class ThroughputPromise(ServiceLevel level, IReadOnlyList<WatchedOutput> outputs)
    : WindowedPromise<long>("throughput", string.Create(CultureInfo.InvariantCulture, $">= {level.Throughput} messages a second"), level.Window, outputs)
{
    protected override long CountOf(WatchedOutput output) => output.Results.Read;

    protected override (string Measured, double Share)? Judge(WatchedOutput output, long before, long now, double seconds, bool isBusy)
    {
        if (!isBusy)
        {
            return null;
        }

        double rate = (now - before) / seconds;
        return (string.Create(CultureInfo.InvariantCulture, $"{rate:0.#} messages a second"), level.Throughput!.Value / rate);
    }
}
