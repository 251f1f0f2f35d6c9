using System.Diagnostics;

namespace Estream.Scenarios.Harness;

/// <summary>
/// Measures a round on the calling thread: time by the monotonic clock, allocated bytes, and how long the thread was
/// ready but did not run. The last figure is read within the timed span, so that no waiting outside of the span is
/// subtracted; reading it costs about 20 µs of a round. bench/peers/round_timer.cpp measures in the same way.
/// </summary>
internal readonly struct RoundTimer
{
    private readonly long _start;
    private readonly long _waited;
    private readonly long _allocated;

    private RoundTimer(long start, long waited, long allocated)
    {
        _start = start;
        _waited = waited;
        _allocated = allocated;
    }

    public static RoundTimer Start()
    {
        long start = Stopwatch.GetTimestamp();
        return new RoundTimer(start, SchedulerTimes.OfThisThread().WaitedNanos, GC.GetAllocatedBytesForCurrentThread());
    }

    public RunResult Stop(long operations)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread() - _allocated;
        long waited = SchedulerTimes.OfThisThread().WaitedNanos - _waited;
        return new RunResult(operations, NanosOf(Stopwatch.GetTimestamp() - _start))
        {
            WaitedNanos = waited,
            AllocatedBytes = allocated,
        };
    }

    public static long NanosOf(long stopwatchTicks) => (long)(stopwatchTicks * (1e9 / Stopwatch.Frequency));
}
