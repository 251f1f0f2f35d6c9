namespace Estream.Scenarios.Harness;

/// <summary>How long other threads of the process run while the calling one is measured: what it waited meanwhile says nothing of the
/// machine.</summary>
internal readonly struct HelperTime
{
    private readonly TimeSpan _used;
    private readonly long _ran;

    private HelperTime(TimeSpan used, long ran) => (_used, _ran) = (used, ran);

    /// <summary>Begins to count, before the measured span.</summary>
    public static HelperTime Start() => new(Environment.CpuUsage.TotalTime, SchedulerTimes.OfThisThread().RanNanos);

    /// <summary>The round without the waiting that helpers can have caused.</summary>
    public RunResult TakenFrom(RunResult round)
    {
        long ran = SchedulerTimes.OfThisThread().RanNanos - _ran;
        long used = (Environment.CpuUsage.TotalTime - _used).Ticks * TimeSpan.NanosecondsPerTick;
        return BoundThreads.Undisturbed([round], used - ran)[0];
    }
}
