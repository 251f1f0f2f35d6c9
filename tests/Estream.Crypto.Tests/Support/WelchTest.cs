using System.Diagnostics;

namespace Estream.Crypto.Tests.Support;

/// <summary>
/// Whether two kinds of work take different times, as dudect asks it: both in random order, the slowest of all left out, and Welch's t of
/// the rest. Beyond <see cref="Limit"/> the difference is not chance, and beyond a thousandth of the time it is the work's.
/// </summary>
internal static class WelchTest
{
    /// <summary>Chance alone exceeds it once in some hundred thousand measurements. What else a machine does while one is made can, too,
    /// and does not do so each time.</summary>
    public const double Limit = 4.5;

    // A processor that changes fewer bits may be given a quicker clock. Measured on one of Zen 5, in some million rounds, t from 3 to 7:
    // 0.06 ns of 216, and 0.1 of 1,650, for zeroes against other numbers in code of no branch; nothing for some numbers against others. A
    // thousandth of the shortest work there is here is a cycle.
    private const double LeastShare = 0.001;

    private const double KeptShare = 0.9;
    private const int Measurements = 3;

    /// <summary>The absolute t, 0 for a difference below a thousandth, and where it is beyond <see cref="Limit"/>, the least of it and two
    /// more with twice as many each: a difference of the work itself is there again, and the larger for it.</summary>
    /// <param name="count">How many of both together, the first time.</param>
    /// <param name="prepare">Is given the kind and a number, and brings what is worked on to one place, whichever kind it is. Not
    /// timed.</param>
    /// <param name="run">The work. Timed.</param>
    public static double Of(int count, Action<bool, int> prepare, Action run)
    {
        double least = double.MaxValue;
        for (int i = 0; i < Measurements && least > Limit; i++)
        {
            least = Math.Min(least, Measure(count << i, new Random(count + i), prepare, run));
        }

        return least;
    }

    private static double Measure(int count, Random random, Action<bool, int> prepare, Action run)
    {
        var kinds = new bool[count];
        var times = new long[count];
        for (int i = -Math.Min(count, 20_000); i < count; i++)
        {
            bool kind = random.Next(2) == 0;
            prepare(kind, i & 0xFFFF);
            long before = Stopwatch.GetTimestamp();
            run();
            long time = Stopwatch.GetTimestamp() - before;
            if (i >= 0)
            {
                (kinds[i], times[i]) = (kind, time);
            }
        }

        long most = times.Order().ElementAt((int)(KeptShare * count));
        double[] one = [.. Kept(true)], other = [.. Kept(false)];
        double difference = Math.Abs(one.Average() - other.Average());
        return difference < LeastShare * one.Average()
            ? 0
            : difference / Math.Sqrt((Variance(one) / one.Length) + (Variance(other) / other.Length));

        IEnumerable<double> Kept(bool kind) => times.Where((time, i) => kinds[i] == kind && time <= most).Select(time => (double)time);
    }

    private static double Variance(double[] values)
    {
        double mean = values.Average();
        return values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1);
    }
}
