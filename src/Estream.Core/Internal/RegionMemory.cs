using System.Buffers;

namespace Estream.Core.Internal;

/// <summary>A region as <see cref="Memory{T}"/>. After disposal of the region its span throws.</summary>
internal sealed unsafe class RegionMemory(MemoryRegion region) : MemoryManager<byte>
{
    private const int Longest = int.MaxValue;

    // SAFETY: callers get this memory as ReadOnlyMemory only. The span covers the bytes of the region; after its disposal this throws.
    public override Span<byte> GetSpan()
    {
        RegionSpan all = region.All;
        ObjectDisposedException.ThrowIf(all.Length == 0, region);
        return new Span<byte>((void*)all.Address, (int)Math.Min(all.Length, Longest));
    }

    // Mapped memory does not move.
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        Span<byte> bytes = GetSpan();
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)bytes.Length, nameof(elementIndex));

        // SAFETY: the address is inside the region, as just checked.
        return new MemoryHandle((byte*)region.All.Address + elementIndex);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        // Does not own the region.
    }
}
