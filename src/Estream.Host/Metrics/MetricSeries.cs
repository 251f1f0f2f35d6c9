namespace Estream.Host.Metrics;

/// <summary>
/// The value of one set of labels. Whole numbers stay exact: a counter of bytes can exceed 2^53, where a double would lose increments.
/// Thread-safe.
/// </summary>
internal sealed class MetricSeries(string labels)
{
    private long _whole;
    private double _fraction;

    public string Labels { get; } = labels;

    public void Add(long value) => Interlocked.Add(ref _whole, value);

    public void Add(double value)
    {
        double seen = Volatile.Read(ref _fraction);
        while (true)
        {
            double before = Interlocked.CompareExchange(ref _fraction, seen + value, seen);
            if (BitConverter.DoubleToInt64Bits(before) == BitConverter.DoubleToInt64Bits(seen))
            {
                return;
            }

            seen = before;
        }
    }

    public void Set(long value)
    {
        Volatile.Write(ref _whole, value);
        Volatile.Write(ref _fraction, 0);
    }

    public void Set(double value)
    {
        Volatile.Write(ref _whole, 0);
        Volatile.Write(ref _fraction, value);
    }

    public void Write(PrometheusWriter writer, string name)
    {
        double fraction = Volatile.Read(ref _fraction);
        long whole = Volatile.Read(ref _whole);
        if (fraction == 0)
        {
            writer.Sample(name, Labels, whole);
        }
        else
        {
            writer.Sample(name, Labels, whole + fraction);
        }
    }
}
