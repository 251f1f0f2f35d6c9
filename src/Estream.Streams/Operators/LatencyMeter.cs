using System.Numerics;
using Estream.Core;

namespace Estream.Streams.Operators;

/// <summary>
/// How long messages of a queue take from their append until what becomes of them is permanent. Noted by the thread of the pipeline, in a
/// histogram of eight steps to each doubling; read from any thread. Allocates nothing.
/// </summary>
/// <remarks>The queue's times are up to a millisecond old, and what is measured is too long by as much.</remarks>
/// <param name="clock">What messages are timed by.</param>
/// <param name="limit">What is longer is counted apart, exactly; nothing is where it is null.</param>
internal sealed class LatencyMeter(IClock clock, TimeSpan? limit)
{
    // What a pipeline takes at most before it makes it permanent. What is noted beyond, since that failed again and again, is not measured.
    private const int Most = 4_096;

    // Steps of an eighth of a doubling, from a microsecond up to some twelve days.
    private const int StepBits = 3;
    private const int LowestBits = 10;
    private const int Doublings = 40;

    private readonly long[] _appended = new long[Most];
    private readonly long[] _counts = new long[Doublings << StepBits];
    private readonly long _limitNanos = limit is { } longest ? longest.Ticks * TimeSpan.NanosecondsPerTick : long.MaxValue;
    private int _noted;
    private long _late;

    /// <summary>Notes a message that is taken.</summary>
    /// <param name="appendedAt">When it was appended.</param>
    public void Note(long appendedAt)
    {
        if (_noted < Most)
        {
            _appended[_noted++] = appendedAt;
        }
    }

    /// <summary>The message noted last was not taken, and comes again.</summary>
    public void Retract() => _noted = Math.Max(0, _noted - 1);

    /// <summary>All that were noted come again.</summary>
    public void Forget() => _noted = 0;

    /// <summary>What became of all that were noted is permanent.</summary>
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

    /// <summary>What was measured so far.</summary>
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

    /// <summary>The longest time of a step, in nanoseconds.</summary>
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
