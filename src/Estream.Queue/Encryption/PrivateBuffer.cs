using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Memory for messages in clear: outside the garbage-collected heap, so that no copies stay behind, left out of core dumps, and
/// overwritten when it is given back. Grows as needed, and is made small again when that is asked for.
/// </summary>
internal sealed class PrivateBuffer : IDisposable
{
    private const long SmallBytes = 64 << 10;

    private NativeRegion? _region;

    public RegionSpan Memory { get; private set; }

    public MemoryRegion Region => _region ?? throw new InvalidOperationException("Nothing was reserved.");

    /// <summary>Makes room. What was in the buffer is gone if it had to grow.</summary>
    /// <returns>Whether the memory is another one now.</returns>
    public bool Reserve(long bytes)
    {
        if (Memory.Length >= bytes)
        {
            return false;
        }

        Dispose();
        _region = NativeRegion.Allocate(Math.Max(SmallBytes, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)bytes)));
        _region.KeepOutOfDumps();
        Memory = _region.All;
        return true;
    }

    /// <summary>Gives the memory back if it is more than most messages need.</summary>
    public void Shrink()
    {
        if (Memory.Length > SmallBytes)
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        // A large one is not walked through page by page: the kernel clears what it takes back before anybody else gets it.
        if (Memory.Length is > 0 and <= SmallBytes)
        {
            Memory.Span(0, (int)Memory.Length).Clear();
        }

        Memory = default;
        _region?.Dispose();
        _region = null;
    }
}
