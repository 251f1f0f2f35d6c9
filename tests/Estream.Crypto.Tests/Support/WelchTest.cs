using System.Diagnostics;

namespace Estream.Crypto.Tests.Support;

/// <summary>
/// Whether two kinds of work take different times, as dudect asks it: both in random order, the slowest of all left out, and Welch's t of the rest. Beyond
/// <see cref="Limit"/> the difference is not chance.
/// </summary>
internal static class WelchTest
{
    /// <summary>Chance exceeds it once in some hundred thousand tests.</summary>
    public const double Limit = 4.5;

    private const double KeptShare = 0.9;

    /// <summary>The absolute t.</summary>
    /// <param name="count">How many of both together.</param>
    /// <param name="prepare">Is given the kind and a number, and brings what is worked on to one place, whichever kind it is. Not timed.</param>
    /// <param name="run">The work. Timed.</param>
    public static double Of(int count, Action<bool, int> prepare, Action run)
    {
        var random = new Random(count);
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
        return Math.Abs(one.Average() - other.Average()) / Math.Sqrt((Variance(one) / one.Length) + (Variance(other) / other.Length));

        IEnumerable<double> Kept(bool kind) => times.Where((time, i) => kinds[i] == kind && time <= most).Select(time => (double)time);
    }

    private static double Variance(double[] values)
    {
        double mean = values.Average();
        return values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1);
    }
}
