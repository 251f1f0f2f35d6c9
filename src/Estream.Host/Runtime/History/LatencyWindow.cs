using Estream.Core;

namespace Estream.Host.Runtime;

/// <summary>Computes a percentile of the latencies that a histogram counted during ten calls of <see cref="Read"/>. Not thread-safe;
/// reads allocate nothing.</summary>
/// <param name="histogram">Returns the histogram; null while nothing is measured.</param>
/// <param name="perMille">The share of messages per thousand: 500 is the median.</param>
internal sealed class LatencyWindow(Func<LatencyHistogram?> histogram, int perMille)
{
    private const int ReadsPerWindow = 10;

    private readonly long[] _window = new long[LatencyHistogram.StepCount];
    private long[] _before = new long[LatencyHistogram.StepCount];
    private long[] _now = new long[LatencyHistogram.StepCount];
    private int _reads;
    private double _last = double.NaN;

    /// <summary>Returns the percentile in seconds; not a number if no message was measured. Changes with every tenth read.</summary>
    public double Read()
    {
        if (++_reads % ReadsPerWindow != 0)
        {
            return _last;
        }

        if (histogram() is not { } measured)
        {
            return _last = double.NaN;
        }

        measured.CopyTo(_now);
        bool isEmpty = true;
        for (int i = 0; i < _window.Length; i++)
        {
            _window[i] = _now[i] - _before[i];
            isEmpty &= _window[i] == 0;
        }

        (_before, _now) = (_now, _before);
        return _last = isEmpty ? double.NaN : LatencyHistogram.Percentile(_window, perMille).TotalSeconds;
    }
}
