using System.Diagnostics;
using System.Globalization;

namespace Estream.Scenarios.Harness;

/// <summary>
/// Times a round on the calling thread: by the monotonic clock, by the bytes it allocated, and by how long it was
/// ready but did not run. bench/peers/round_timer.cpp measures the same way.
/// </summary>
internal readonly struct RoundTimer
{
    private const string SchedulerStatistics = "/proc/thread-self/schedstat";

    private readonly long _waited;
    private readonly long _allocated;
    private readonly long _start;

    private RoundTimer(long waited, long allocated, long start)
    {
        _waited = waited;
        _allocated = allocated;
        _start = start;
    }

    public static RoundTimer Start()
    {
        long waited = WaitedNanos();
        return new RoundTimer(waited, GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
    }

    public RunResult Stop(long operations)
    {
        long elapsed = NanosOf(Stopwatch.GetTimestamp() - _start);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - _allocated;
        return new RunResult(operations, elapsed)
        {
            WaitedNanos = WaitedNanos() - _waited,
            AllocatedBytes = allocated,
        };
    }

    public static long NanosOf(long stopwatchTicks) => (long)(stopwatchTicks * (1e9 / Stopwatch.Frequency));

    /// <summary>0 where the kernel keeps no such count: then the figure is plain elapsed time.</summary>
    private static long WaitedNanos()
    {
        return File.Exists(SchedulerStatistics)
            ? long.Parse(File.ReadAllText(SchedulerStatistics).Split(' ')[1], CultureInfo.InvariantCulture)
            : 0;
    }
}
