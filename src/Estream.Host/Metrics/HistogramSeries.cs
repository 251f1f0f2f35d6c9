namespace Estream.Host.Metrics;

/// <summary>
/// Counts per bucket for one set of labels. A short lock keeps buckets, sum and count consistent with each other,
/// which the text format requires (the +Inf bucket must equal the count).
/// </summary>
internal sealed class HistogramSeries(string labels, double[] upperBounds)
{
    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[upperBounds.Length + 1];
    private double _sum;

    public void Record(double value)
    {
        if (double.IsNaN(value))
        {
            return; // A NaN belongs to no bucket and would make the sum NaN permanently.
        }

        int bucketIndex = 0;
        while (bucketIndex < upperBounds.Length && value > upperBounds[bucketIndex])
        {
            bucketIndex++;
        }

        lock (_lock)
        {
            _counts[bucketIndex]++;
            _sum += value;
        }
    }

    public void Write(PrometheusWriter writer, string name)
    {
        long[] counts;
        double sum;
        lock (_lock)
        {
            counts = (long[])_counts.Clone();
            sum = _sum;
        }

        string prefix = labels.Length == 0 ? "" : labels + ",";
        long cumulative = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            cumulative += counts[i];
            string bound = i < upperBounds.Length ? PrometheusWriter.Format(upperBounds[i]) : "+Inf";
            writer.Sample(name + "_bucket", $"{prefix}le=\"{bound}\"", cumulative);
        }

        writer.Sample(name + "_sum", labels, sum);
        writer.Sample(name + "_count", labels, cumulative);
    }
}
