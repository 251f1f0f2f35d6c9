namespace Estream.Streams.Operators;

/// <summary>What a <see cref="LatencyMeter"/> has measured. Immutable.</summary>
/// <param name="Steps">How many messages took as long as each step of its histogram.</param>
/// <param name="Late">How many took longer than the limit.</param>
internal sealed record LatencyCounts(IReadOnlyList<long> Steps, long Late)
{
    /// <summary>How many messages were measured.</summary>
    public long Total => Steps.Sum();

    /// <summary>What came since an earlier look at the same meter.</summary>
    public LatencyCounts Since(LatencyCounts earlier) =>
        new([.. Steps.Zip(earlier.Steps, static (now, before) => now - before)], Late - earlier.Late);

    /// <summary>What so many of a thousand messages did not take longer than, but for the width of a step, an eighth at most; zero where
    /// there is none.</summary>
    public TimeSpan Percentile(int perMille)
    {
        long needed = ((Total * perMille) + 999) / 1_000;
        long seen = 0;
        for (int step = 0; step < Steps.Count && needed > 0; step++)
        {
            seen += Steps[step];
            if (seen >= needed)
            {
                return TimeSpan.FromTicks(LatencyMeter.UpperBound(step) / TimeSpan.NanosecondsPerTick);
            }
        }

        return TimeSpan.Zero;
    }
}
