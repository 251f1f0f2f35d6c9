using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// The memory of a segment file, which is reused for one segment number after another. Readers of this process may still use it after the
/// writer has released it. The finalizer unmaps the memory when no reader references it any more.
/// </summary>
internal sealed class HeapMemory(MemoryRegion region) : IDisposable
{
    private long _pressure;
    private PinCount _pins;

    ~HeapMemory() => Release();

    public MemoryRegion Region { get; } = region;

    /// <summary>Records that the file is no longer part of the map. The memory pressure tells the garbage collector its size, so that it is
    /// collected soon.</summary>
    public void Retire()
    {
        if (_pressure == 0)
        {
            _pressure = Region.Length;
            GC.AddMemoryPressure(_pressure);
            RetiredMappings.Add();
        }
    }

    /// <summary>Whether a snapshot uses the memory, so that it must not be overwritten.</summary>
    public bool IsPinned => _pins.IsAny;

    /// <summary>Keeps the memory mapped and unchanged until <see cref="Unpin"/>.</summary>
    public void Pin() => _pins.Add();

    /// <summary>Ends a <see cref="Pin"/>. Unmaps the memory with the last one, if the map was disposed meanwhile.</summary>
    public void Unpin()
    {
        if (_pins.Remove())
        {
            Release();
        }
    }

    /// <summary>Unmaps the memory at once, unless a snapshot has pinned it. No other thread may be reading it.</summary>
    public void Dispose()
    {
        if (_pins.RemoveOwner())
        {
            Release();
            GC.SuppressFinalize(this);
        }
    }

    private void Release()
    {
        Region.Dispose();
        if (_pressure != 0)
        {
            GC.RemoveMemoryPressure(_pressure);
            _pressure = 0;
            RetiredMappings.Remove();
        }
    }
}

/// <summary>
/// Counts mappings of this process that are no longer needed and not yet collected. Linux gives a process 65,530 mappings
/// (vm.max_map_count). If segments are small and the machine is busy, memory pressure does not start a collection in time, so this count
/// does. Thread-safe.
/// </summary>
internal static class RetiredMappings
{
    private const int CollectAt = 2_048;

    private static int s_count;

    /// <summary>Counts a mapping that is no longer needed. Each time the count reaches a multiple of 2,048, starts a garbage collection. If
    /// the count is above 2,048, also waits, at most a second, until the finalizers have run.</summary>
    public static void Add()
    {
        int count = Interlocked.Increment(ref s_count);
        if (count % CollectAt != 0)
        {
            return;
        }

        // The first collection runs concurrently with the threads of the process. Later ones stop them, and the caller waits for the
        // finalizers. On a busy machine finalizers fall behind a reader that maps segments all the time, until no file descriptor is left.
        bool isBehind = count > CollectAt;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: isBehind);
        if (isBehind)
        {
            SpinWait.SpinUntil(() => Volatile.Read(ref s_count) < CollectAt, TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>Collects garbage and waits until mappings without readers are unmapped, which frees the space of deleted files. Stops all
    /// threads; only for a full disk.</summary>
    public static void Unmap()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    /// <summary>Subtracts a mapping that was unmapped.</summary>
    public static void Remove() => Interlocked.Decrement(ref s_count);
}
