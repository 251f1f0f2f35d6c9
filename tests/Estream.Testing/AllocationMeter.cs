namespace Estream.Testing;

/// <summary>Counts the managed bytes that code allocates, after it has had the chance to warm up.</summary>
/// <remarks>Unlike a timing, a count does not depend on what else the machine does.</remarks>
public static class AllocationMeter
{
    private const int WarmUpCalls = 64;

    // A collection that another thread causes now and then books the unused rest of this thread's allocation buffer (8 KiB) as allocated.
    // That hits one run in a hundred on a busy process; what the action itself allocates is there in every run.
    private const int Runs = 5;

    /// <summary>Bytes the calling thread allocates in <paramref name="calls"/> calls of <paramref name="action"/>.</summary>
    /// <remarks>
    /// Nothing other threads do is counted. The action is called a few times before, uncounted. What is not zero is measured again a few
    /// times, and the least counts: the calls are then that many more.
    /// </remarks>
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

    /// <summary>Bytes all threads of the process allocate while <paramref name="action"/> runs once.</summary>
    /// <remarks>
    /// For work that is spread over threads: warm it up first, make it long, and compare the average per message.
    /// Tests of the same assembly must not run beside it: put the test into a collection of its own that
    /// disables parallel running.
    /// </remarks>
    public static long OnAllThreads(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        action();
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    /// <summary>The same for asynchronous work.</summary>
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
