namespace Estream.Host.Metrics;

/// <summary>
/// The upper bounds of histogram buckets. They are fixed, because buckets that change between scrapes cannot be aggregated. An instrument
/// may define its own bounds through <c>InstrumentAdvice</c>.
/// </summary>
internal static class HistogramBounds
{
    /// <summary>The maximum number of buckets.</summary>
    public const int MaxBucketCount = 64;

    private static readonly double[] s_seconds =
        [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private static readonly double[] s_bytes = [64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

    private static readonly double[] s_counts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000];

    public static double[] For(string? unit, IEnumerable<double>? advised)
    {
        if (advised is not null)
        {
            double[] bounds = [.. advised.Where(double.IsFinite).Distinct().Order().Take(MaxBucketCount)];
            if (bounds.Length > 0)
            {
                return bounds;
            }
        }

        return unit switch
        {
            "s" => s_seconds,
            "By" => s_bytes,
            _ => s_counts,
        };
    }
}
