using System.Numerics;
using Estream.Core;

namespace Estream.Streams.Operators;

/// <summary>
/// Measures the time from the append of a queue's messages until their results are committed. Updated by the thread of the pipeline, in a
/// histogram of eight steps per doubling; readable from any thread. Allocates nothing.
/// </summary>
/// <remarks>The queue's timestamps are up to a millisecond old, so measured times are too long by up to that much.</remarks>
/// <param name="clock">The clock for latencies.</param>
/// <param name="limit">Messages that take longer are also counted exactly; null for no limit.</param>
internal sealed class LatencyMeter(IClock clock, TimeSpan? limit)
{
    // The maximum number of measured messages per commit. While commits keep failing, further messages are not measured.
    private const int Most = 4_096;

    // Eight steps per doubling, from about 1 µs (2^10 ns) to about 13 days (2^50 ns).
    private const int StepBits = 3;
    private const int LowestBits = 10;
    private const int Doublings = 40;

    private readonly long[] _appended = new long[Most];
    private readonly long[] _counts = new long[Doublings << StepBits];
    private readonly long _limitNanos = limit is { } longest ? longest.Ticks * TimeSpan.NanosecondsPerTick : long.MaxValue;
    private int _noted;
    private long _late;

    /// <summary>Notes a message that is read.</summary>
    /// <param name="appendedAt">The time of its append.</param>
    public void Note(long appendedAt)
    {
        if (_noted < Most)
        {
            _appended[_noted++] = appendedAt;
        }
    }

    /// <summary>Discards the message noted last, which was not consumed and will be read again.</summary>
    public void Retract() => _noted = Math.Max(0, _noted - 1);

    /// <summary>Discards all noted messages, which will be read again.</summary>
    public void Forget() => _noted = 0;

    /// <summary>Measures all noted messages, whose results are now committed.</summary>
    public void Complete()
    {
        long now = _noted == 0 ? 0 : clock.UtcNanos;
        foreach (long appended in _appended.AsSpan(0, _noted))
        {
            long took = Math.Max(0, now - appended);
            ref long count = ref _counts[StepOf(took)];
            Volatile.Write(ref count, count + 1);
            if (took > _limitNanos)
            {
                Volatile.Write(ref _late, _late + 1);
            }
        }

        _noted = 0;
    }

    /// <summary>The measurements so far.</summary>
    public LatencyCounts Counts
    {
        get
        {
            long[] counts = new long[_counts.Length];
            for (int i = 0; i < counts.Length; i++)
            {
                counts[i] = Volatile.Read(ref _counts[i]);
            }

            return new LatencyCounts(counts, Volatile.Read(ref _late));
        }
    }

    /// <summary>Returns the longest latency that a step counts, in nanoseconds.</summary>
    internal static long UpperBound(int step)
    {
        int doubling = step >> StepBits;
        long part = step & ((1 << StepBits) - 1);
        return (1L << (doubling + LowestBits)) + ((part + 1) << (doubling + LowestBits - StepBits)) - 1;
    }

    private static int StepOf(long nanos)
    {
        int bits = BitOperations.Log2((ulong)nanos | (1UL << LowestBits));
        if (bits >= LowestBits + Doublings)
        {
            return (Doublings << StepBits) - 1;
        }

        long part = nanos < 1L << LowestBits ? 0 : (nanos >> (bits - StepBits)) & ((1 << StepBits) - 1);
        return ((bits - LowestBits) << StepBits) + (int)part;
    }
}
