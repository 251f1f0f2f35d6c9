namespace Estream.Core.Keys;

/// <summary>
/// Memory for plaintext messages and entries: outside the garbage-collected heap, so that no copies remain, excluded from core dumps,
/// and cleared when it is released. Grows as needed; <see cref="Shrink"/> releases a large buffer.
/// </summary>
internal sealed class PlaintextBuffer : IDisposable
{
    private const long SmallBytes = 64 << 10;

    private NativeRegion? _region;

    public RegionSpan Memory { get; private set; }

    public MemoryRegion Region => _region ?? throw new InvalidOperationException("Nothing was reserved.");

    /// <summary>Reserves space. Growing discards the contents.</summary>
    /// <returns>Whether the memory was replaced.</returns>
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

    /// <summary>Releases the memory if it exceeds what most messages need.</summary>
    public void Shrink()
    {
        if (Memory.Length > SmallBytes)
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        // A large buffer is not cleared page by page: the kernel clears pages before it gives them to another process.
        if (Memory.Length is > 0 and <= SmallBytes)
        {
            Memory.Span(0, (int)Memory.Length).Clear();
        }

        Memory = default;
        _region?.Dispose();
        _region = null;
    }
}
