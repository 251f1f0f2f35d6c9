using Estream.Core;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>Reads every 30 seconds how many bytes the named readers of queues have not read. Not thread-safe.</summary>
/// <param name="clock">The clock.</param>
internal sealed class ReaderLags(IClock clock)
{
    // Reading the lags opens the cursors of each queue, which would keep an idle host busy if it were done every second.
    private const long IntervalNanos = 30_000_000_000;

    private Dictionary<(string Queue, string Reader), double> _lags = [];
    private long? _last;

    /// <summary>A reference to a new object after each change of the set of readers.</summary>
    public object Version { get; private set; } = new();

    /// <summary>The readers by queue and name.</summary>
    public IEnumerable<(string Queue, string Reader)> Readers =>
        _lags.Keys.OrderBy(key => key.Queue, StringComparer.Ordinal).ThenBy(key => key.Reader, StringComparer.Ordinal);

    /// <summary>The bytes that a reader had not read when the lags were last read; not a number if there was no such
    /// reader.</summary>
    public double Of(string queue, string reader) => _lags.GetValueOrDefault((queue, reader), double.NaN);

    /// <summary>Reads the lags of the readers, at most every 30 seconds. The partitions of a queue count as one queue.</summary>
    public void Look(IEnumerable<QueueRuntime> queues, DataLayout data)
    {
        if (_last is { } last && clock.MonotonicNanos - last < IntervalNanos)
        {
            return;
        }

        _last = clock.MonotonicNanos;
        Dictionary<(string, string), double> lags = [];
        foreach (QueueRuntime queue in queues.Take(HistoryPlan.MostSeries))
        {
            Look(queue, data.PartitionOf(queue.Name)?.Queue ?? queue.Name, lags);
        }

        Version = lags.Count == _lags.Count && lags.Keys.All(_lags.ContainsKey) ? Version : new object();
        _lags = lags;
    }

    private static void Look(QueueRuntime queue, string name, Dictionary<(string, string), double> lags)
    {
        try
        {
            long end = queue.Watch.Extent().EndPosition;
            foreach ((string reader, long position) in ReaderPositions.Of(queue.Queue))
            {
                if (lags.Count < HistoryPlan.MostSeries || lags.ContainsKey((name, reader)))
                {
                    lags[(name, reader)] = lags.GetValueOrDefault((name, reader)) + Math.Max(0, queue.Queue.BytesBetween(position, end));
                }
            }
        }
        catch (EstreamException)
        {
            // A cursor is damaged. The process that reads the cursor reports the damage.
        }
    }
}
