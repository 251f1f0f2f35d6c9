using System.Globalization;

namespace Estream.Scenarios.Harness;

/// <summary>
/// How long the calling thread has run, and how long it was ready and did not run, as the kernel counts it in
/// <c>/proc/thread-self/schedstat</c>; zero if the kernel does not count it.
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

/// <summary>Counts how long other threads of the process run while the calling thread is measured. Waiting caused by them does not mean
/// that the machine was busy.</summary>
internal readonly struct HelperTime
{
    private readonly TimeSpan _used;
    private readonly long _ran;

    private HelperTime(TimeSpan used, long ran) => (_used, _ran) = (used, ran);

    /// <summary>Starts to count, before the measured span.</summary>
    public static HelperTime Start() => new(Environment.CpuUsage.TotalTime, SchedulerTimes.OfThisThread().RanNanos);

    /// <summary>Returns the round without the waiting that helper threads can have caused.</summary>
    public RunResult TakenFrom(RunResult round)
    {
        long ran = SchedulerTimes.OfThisThread().RanNanos - _ran;
        long used = (Environment.CpuUsage.TotalTime - _used).Ticks * TimeSpan.NanosecondsPerTick;
        return BoundThreads.Undisturbed([round], used - ran)[0];
    }
}
