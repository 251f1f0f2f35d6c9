using System.Diagnostics;

namespace Estream.Scenarios.Harness;

/// <summary>Times single operations: reads the clock before and after each, and subtracts the cost of the clock. bench/peers/samples.h does
/// the same.</summary>
internal sealed class Samples
{
    private const int ClockReadings = 100_000;

    private readonly long _clockCost = ClockCost();
    private readonly uint[] _nanos;

    public Samples(long count)
    {
        _nanos = new uint[count];
        Array.Fill(_nanos, 1u);   // touches the pages before the first round
    }

    /// <summary>The number of operations of a round.</summary>
    public int Count => _nanos.Length;

    /// <summary>Records how long operation number <paramref name="index"/> took, given the clock readings before and after it.</summary>
    public void Set(long index, long before, long after)
    {
        _nanos[index] = (uint)Math.Clamp(after - before - _clockCost, 0, uint.MaxValue);
    }

    /// <summary>Returns the samples as a round: the sum, the median and the tail up to the maximum.</summary>
    public RunResult Round(ulong check)
    {
        Array.Sort(_nanos);
        long sum = 0;
        foreach (uint nanos in _nanos)
        {
            sum += nanos;
        }

        return new RunResult(_nanos.Length, Math.Max(1, sum))
        {
            Check = check,
            P50 = At(0.5),
            P99 = At(0.99),
            P999 = At(0.999),
            Longest = At(1),
        };
    }

    /// <summary>Returns the clock in ns; on Linux, Stopwatch counts nanoseconds.</summary>
    public static long Now() => Stopwatch.GetTimestamp();

    /// <summary>Waits until the clock has reached a moment, and returns its reading.</summary>
    public static long WaitUntil(long moment)
    {
        long now = Stopwatch.GetTimestamp();
        while (now < moment)
        {
            now = Stopwatch.GetTimestamp();
        }

        return now;
    }

    /// <summary>Describes the clock that times single operations.</summary>
    public static string DescribeClock()
    {
        long[] apart = Readings();
        return $"a reading costs {apart[ClockReadings / 2]} ns (p1 {apart[ClockReadings / 100]}, p99 {apart[ClockReadings * 99L / 100]})";
    }

    // The nearest rank: of twenty samples, the 99th percentile is the longest.
    private double At(double share) => _nanos[Math.Max(0, (long)Math.Ceiling(share * _nanos.Length) - 1)];

    /// <summary>Returns the time between two adjacent readings of the clock, in ns: the median of many, after as many for
    /// warm-up.</summary>
    private static long ClockCost()
    {
        if (Stopwatch.Frequency != 1_000_000_000)
        {
            throw new ScenarioException($"the clock counts {Stopwatch.Frequency} a second; single operations are timed in nanoseconds");
        }

        long cost = 0;
        for (int attempt = 0; attempt < 3; attempt++)
        {
            cost = Readings()[ClockReadings / 2];
        }

        return cost;
    }

    private static long[] Readings()
    {
        long[] apart = new long[ClockReadings];
        for (int i = 0; i < apart.Length; i++)
        {
            long before = Stopwatch.GetTimestamp();
            apart[i] = Stopwatch.GetTimestamp() - before;
        }

        Array.Sort(apart);
        return apart;
    }
}
