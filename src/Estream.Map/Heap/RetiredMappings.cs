namespace Estream.Map.Internal;

/// <summary>
/// Mappings of this process that nobody needs and the collector has not found yet. Linux gives a process 65,530 of them (vm.max_map_count),
/// and what their memory weighs does not make the collector come in time where segments are small and the machine is busy: so their number
/// does. Thread-safe.
/// </summary>
internal static class RetiredMappings
{
    private const int CollectAt = 2_048;

    private static int s_count;

    /// <summary>Another one is not needed any more.</summary>
    public static void Add()
    {
        int count = Interlocked.Increment(ref s_count);
        if (count % CollectAt == 0)
        {
            // At first beside everybody; where that did not help, at once.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: count > CollectAt);
        }
    }

    /// <summary>One is gone.</summary>
    public static void Remove() => Interlocked.Decrement(ref s_count);
}
