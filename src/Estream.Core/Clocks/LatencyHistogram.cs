using System.Numerics;

namespace Estream.Core;

/// <summary>
/// Counts latencies in a histogram of eight steps per doubling, from about 1 µs to about 13 days. One thread calls <see cref="Add"/>, or
/// any threads call <see cref="AddShared"/>; any thread reads the counts. Allocates nothing after its creation; takes 2.5 KiB.
/// </summary>
internal sealed class LatencyHistogram
{
    /// <summary>The number of steps.</summary>
    public const int StepCount = Doublings << StepBits;

    // Eight steps per doubling, from about 1 µs (2^10 ns) to about 13 days (2^50 ns).
    private const int StepBits = 3;
    private const int LowestBits = 10;
    private const int Doublings = 40;

    private readonly long[] _counts = new long[StepCount];

    /// <summary>Counts a latency. Called by one thread.</summary>
    /// <param name="nanos">The latency in nanoseconds; a negative latency counts as zero.</param>
    public void Add(long nanos)
    {
        ref long count = ref _counts[StepOf(nanos)];
        Volatile.Write(ref count, count + 1);
    }

    /// <summary>Counts a latency of several messages. Called by any thread.</summary>
    /// <param name="nanos">The latency in nanoseconds; a negative latency counts as zero.</param>
    /// <param name="messages">The number of messages with this latency.</param>
    public void AddShared(long nanos, int messages) => Interlocked.Add(ref _counts[StepOf(nanos)], messages);

    /// <summary>Copies the counts of all steps.</summary>
    /// <param name="counts">Receives the counts; at least <see cref="StepCount"/> elements.</param>
    public void CopyTo(Span<long> counts)
    {
        for (int i = 0; i < StepCount; i++)
        {
            counts[i] = Volatile.Read(ref _counts[i]);
        }
    }

    /// <summary>Returns the latency that the given share of messages did not exceed, accurate to the width of a step (at most an
    /// eighth).</summary>
    /// <param name="counts">The number of messages in each step.</param>
    /// <param name="perMille">The share per thousand: 500 is the median.</param>
    /// <returns>The latency; zero if there are no messages.</returns>
    public static TimeSpan Percentile(ReadOnlySpan<long> counts, int perMille)
    {
        long total = 0;
        foreach (long count in counts)
        {
            total += count;
        }

        long needed = ((total * perMille) + 999) / 1_000;
        long seen = 0;
        for (int step = 0; step < counts.Length && needed > 0; step++)
        {
            seen += counts[step];
            if (seen >= needed)
            {
                return TimeSpan.FromTicks(UpperBound(step) / TimeSpan.NanosecondsPerTick);
            }
        }

        return TimeSpan.Zero;
    }

    // The longest latency that a step counts, in nanoseconds.
    private static long UpperBound(int step)
    {
        int doubling = step >> StepBits;
        long part = step & ((1 << StepBits) - 1);
        return (1L << (doubling + LowestBits)) + ((part + 1) << (doubling + LowestBits - StepBits)) - 1;
    }

    private static int StepOf(long nanos)
    {
        nanos = Math.Max(0, nanos);
        int bits = BitOperations.Log2((ulong)nanos | (1UL << LowestBits));
        if (bits >= LowestBits + Doublings)
        {
            return StepCount - 1;
        }

        long part = nanos < 1L << LowestBits ? 0 : (nanos >> (bits - StepBits)) & ((1 << StepBits) - 1);
        return ((bits - LowestBits) << StepBits) + (int)part;
    }
}
