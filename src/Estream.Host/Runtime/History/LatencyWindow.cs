using Estream.Core;

namespace Estream.Host.Runtime;

/// <summary>Computes a percentile of the latencies that a histogram has counted since the last read. Not thread-safe; reads
/// allocate nothing.</summary>
internal sealed class LatencyWindow
{
    private readonly Func<LatencyHistogram?> _histogram;
    private readonly int _perMille;
    private long[] _before = new long[LatencyHistogram.StepCount];
    private long[] _now = new long[LatencyHistogram.StepCount];

    /// <summary>Creates a window that begins now.</summary>
    /// <param name="histogram">Returns the histogram; null while nothing is measured.</param>
    /// <param name="perMille">The share of messages per thousand: 500 is the median.</param>
    public LatencyWindow(Func<LatencyHistogram?> histogram, int perMille)
    {
        (_histogram, _perMille) = (histogram, perMille);
        histogram()?.CopyTo(_before);
    }

    /// <summary>Returns the percentile in seconds; not a number if no message was measured. Begins the next window.</summary>
    public double Read()
    {
        if (_histogram() is not { } measured)
        {
            return double.NaN;
        }

        measured.CopyTo(_now);
        bool isEmpty = true;
        for (int i = 0; i < _now.Length; i++)
        {
            _before[i] = _now[i] - _before[i];
            isEmpty &= _before[i] == 0;
        }

        double percentile = isEmpty ? double.NaN : LatencyHistogram.Percentile(_before, _perMille).TotalSeconds;
        (_before, _now) = (_now, _before);
        return percentile;
    }
}
