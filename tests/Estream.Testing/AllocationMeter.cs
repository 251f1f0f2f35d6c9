using System.Diagnostics;

namespace Estream.Testing;

/// <summary>Counts the managed bytes that code allocates after a warm-up.</summary>
/// <remarks>Unlike a timing, a count does not depend on the load of the machine.</remarks>
public static class AllocationMeter
{
    private const int WarmUpCalls = 64;

    // A garbage collection started by another thread books the unused rest of this thread's allocation buffer (8 KiB) as allocated.
    // On a busy process this affects one run in a hundred. Bytes that the action itself allocates appear in every run.
    private const int Runs = 5;

    /// <summary>Returns the bytes that the calling thread allocates in <paramref name="calls"/> calls of <paramref
    /// name="action"/>.</summary>
    /// <remarks>Allocations of other threads are not counted. The action first runs a few times without counting. If the result is not
    /// zero, the measurement is repeated a few times with all its calls, and the smallest result is returned.</remarks>
    public static long OnThisThread(int calls, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(calls);
        Repeat(action, WarmUpCalls);
        long least = long.MaxValue;
        for (int run = 0; run < Runs && least != 0; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Repeat(action, calls);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    /// <summary>Returns the bytes that all threads of the process allocate while <paramref name="action"/> runs once.</summary>
    /// <remarks>
    /// For work that is spread over threads: warm it up first, make it long, and compare the average per message.
    /// Tests of the same assembly must not run at the same time: put the test into its own collection that disables parallel running.
    /// </remarks>
    public static long OnAllThreads(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        action();
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    /// <summary>Runs <paramref name="action"/> until all threads together allocate fewer than <paramref name="enough"/> bytes during one
    /// run, at most a minute, and returns the bytes of the best run.</summary>
    /// <remarks>Threads of the test host and the JIT compiler allocate in some runs. Bytes that the action itself allocates appear in
    /// every run.</remarks>
    public static long LeastOnAllThreads(long enough, Action action)
    {
        long least = OnAllThreads(action);
        for (long start = Stopwatch.GetTimestamp(); least >= enough && Stopwatch.GetElapsedTime(start) < Eventually.DefaultLimit;)
        {
            least = Math.Min(least, OnAllThreads(action));
        }

        return least;
    }

    /// <summary>The asynchronous form of <see cref="OnAllThreads"/>.</summary>
    public static async Task<long> OnAllThreadsAsync(Func<Task> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await action().ConfigureAwait(false);
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private static void Repeat(Action action, int calls)
    {
        for (int call = 0; call < calls; call++)
        {
            action();
        }
    }
}
