using System.Globalization;

namespace Estream.Scenarios.Harness;

/// <summary>
/// How long the calling thread has run, and how long it was ready and did not run, as the kernel counts it in
/// <c>/proc/thread-self/schedstat</c>; zero where it keeps no such count.
/// </summary>
internal readonly record struct SchedulerTimes(long RanNanos, long WaitedNanos)
{
    private const string Statistics = "/proc/thread-self/schedstat";

    public static SchedulerTimes OfThisThread()
    {
        if (!File.Exists(Statistics))
        {
            return default;
        }

        string[] fields = File.ReadAllText(Statistics).Split(' ');
        return new SchedulerTimes(long.Parse(fields[0], CultureInfo.InvariantCulture), long.Parse(fields[1], CultureInfo.InvariantCulture));
    }
}
