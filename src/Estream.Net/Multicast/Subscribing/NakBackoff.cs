namespace Estream.Net.Multicast.Internal;

/// <summary>
/// Draws the random delay before a NAK from the truncated exponential distribution of RFC 5401, section 3.2.4, so that few of many
/// receivers ask for the same loss. Not thread-safe.
/// </summary>
internal sealed class NakBackoff(int seed, long longestNanos)
{
    private readonly Random _random = new(seed);

    /// <summary>Draws a delay in nanoseconds.</summary>
    /// <param name="receivers">The number of receivers that may ask.</param>
    public long Next(int receivers)
    {
        double lambda = Math.Log(Math.Max(1, receivers)) + 1;
        double uniform = _random.NextDouble();
        return (long)(longestNanos / lambda * Math.Log((uniform * (Math.Exp(lambda) - 1)) + 1));
    }
}
