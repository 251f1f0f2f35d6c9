using Estream.Core;

namespace Estream.Streams.Operators;

/// <summary>The measurements of a <see cref="LatencyMeter"/>. Immutable.</summary>
/// <param name="Steps">The number of messages in each step of the histogram.</param>
/// <param name="Late">The number of messages that took longer than the limit.</param>
internal sealed record LatencyCounts(long[] Steps, long Late)
{
    /// <summary>The number of messages measured.</summary>
    public long Total => Steps.Sum();

    /// <summary>Returns the counts since an earlier reading of the same meter.</summary>
    public LatencyCounts Since(LatencyCounts earlier) =>
        new([.. Steps.Zip(earlier.Steps, static (now, before) => now - before)], Late - earlier.Late);

    /// <summary>Returns the latency that the given share of the messages (per thousand) did not exceed, accurate to the width of a step (at
    /// most an eighth); zero if there are no messages.</summary>
    public TimeSpan Percentile(int perMille) => LatencyHistogram.Percentile(Steps, perMille);
}
