using System.Diagnostics;

namespace Estream.Crypto.Tests.Support;

/// <summary>
/// Tests whether two classes of work take different times, like dudect: runs both classes in random order, discards the slowest runs, and
/// computes Welch's t of the remaining runs. If t is beyond <see cref="Limit"/>, the difference is not random. If the difference is more
/// than a thousandth of the time, it is caused by the work.
/// </summary>
internal static class WelchTest
{
    /// <summary>The limit of t. Random variation exceeds the limit about once in some hundred thousand measurements. Other activity of the
    /// machine can exceed the limit too, but not in every measurement.</summary>
    public const double Limit = 4.5;

    // Toggling fewer bits can give a processor a faster clock. In some million rounds on Zen 5, branch-free code had t from 3 to 7 for
    // zeroes against other numbers (0.06 ns of 216, 0.1 ns of 1,650), and no effect for different nonzero numbers. A thousandth of the
    // shortest work here is a cycle.
    private const double LeastShare = 0.001;

    private const double KeptShare = 0.9;
    private const int Measurements = 3;

    /// <summary>Returns the absolute t; 0 for a difference below a thousandth. If t is beyond <see cref="Limit"/>, measures twice more with
    /// twice as many runs each and returns the smallest: a real difference appears again, and grows.</summary>
    /// <param name="count">The number of runs of both classes together, in the first measurement.</param>
    /// <param name="prepare">Receives the class and a number, and copies the input to the same memory for both classes. Not timed.</param>
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
