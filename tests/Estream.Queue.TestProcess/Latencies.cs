using System.Numerics;

namespace Estream.Queue.TestProcess;

/// <summary>A histogram of durations with an accuracy of three percent, from nanoseconds to minutes, in memory of fixed size.</summary>
internal sealed class Latencies
{
    // 32 steps for each doubling; below 64 ns each nanosecond has its own step.
    private const int StepBits = 5;

    private readonly long[] _counts = new long[64 << StepBits];

    /// <summary>The longest duration, in nanoseconds.</summary>
    public long Longest { get; private set; }

    /// <summary>Adds a duration.</summary>
    public void Add(long nanos)
    {
        Longest = Math.Max(Longest, nanos);
        int shift = Math.Max(0, BitOperations.Log2((ulong)Math.Max(1, nanos)) - StepBits);
        _counts[(shift << StepBits) + (int)(Math.Max(0, nanos) >> shift)]++;
    }

    /// <summary>Returns the duration, in nanoseconds, that the given share of all durations did not exceed.</summary>
    public long Share(double share)
    {
        long left = (long)(_counts.Sum() * share);
        int step = 0;
        while (step < _counts.Length - 1 && left >= _counts[step])
        {
            left -= _counts[step++];
        }

        int shift = Math.Max(0, (step >> StepBits) - 1);
        return (long)(step - (shift << StepBits)) << shift;
    }
}
