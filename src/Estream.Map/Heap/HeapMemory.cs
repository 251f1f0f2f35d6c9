using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// The memory of a segment file, which is used under one number after another. Readers of this process may still look at it when the
/// writer is done with it: it is given back to the system by the garbage collector when nobody does.
/// </summary>
internal sealed class HeapMemory(MemoryRegion region) : IDisposable
{
    private long _pressure;
    private PinCount _pins;

    ~HeapMemory() => Release();

    public MemoryRegion Region { get; } = region;

    /// <summary>Says that the file is no longer part of the map: the collector is told what its memory weighs, so that it looks for it
    /// soon.</summary>
    public void Retire()
    {
        if (_pressure == 0)
        {
            _pressure = Region.Length;
            GC.AddMemoryPressure(_pressure);
            RetiredMappings.Add();
        }
    }

    /// <summary>Whether a snapshot looks at the memory: it is not to be written over.</summary>
    public bool IsPinned => _pins.IsAny;

    /// <summary>Keeps the memory as it is, and there, until <see cref="Unpin"/>.</summary>
    public void Pin() => _pins.Add();

    /// <summary>Ends a <see cref="Pin"/>. The memory goes if the map was disposed meanwhile.</summary>
    public void Unpin()
    {
        if (_pins.Remove())
        {
            Release();
        }
    }

    /// <summary>Takes the memory away at once, unless a snapshot holds it: nobody else may be reading.</summary>
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
/// Mappings of this process that nobody needs and the collector has not found yet. Linux gives a process 65,530 of them (vm.max_map_count),
/// and what their memory weighs does not make the collector come in time where segments are small and the machine is busy: so their number
/// does. Thread-safe.
/// </summary>
internal static class RetiredMappings
{
    private const int CollectAt = 2_048;

    private static int s_count;

    /// <summary>Counts a mapping that is not needed any more. When thousands wait, collects garbage and waits, a second at most, until
    /// their finalizers have run.</summary>
    public static void Add()
    {
        int count = Interlocked.Increment(ref s_count);
        if (count % CollectAt != 0)
        {
            return;
        }

        // The first collection runs beside the threads of the process. The next ones stop them, and the caller waits for the finalizers:
        // on a busy machine they fall behind a reader that maps segments all the time, until no file descriptor is left.
        bool isBehind = count > CollectAt;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: isBehind);
        if (isBehind)
        {
            SpinWait.SpinUntil(() => Volatile.Read(ref s_count) < CollectAt, TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>Counts a mapping that is gone.</summary>
    public static void Remove() => Interlocked.Decrement(ref s_count);
}
