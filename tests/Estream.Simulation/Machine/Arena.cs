using Estream.Core;

namespace Estream.Simulation.Machine;

/// <summary>Memory for the files of consecutive simulations; pieces are page aligned, zero, and live until the reset.</summary>
internal sealed class Arena : IDisposable
{
    private const long Bytes = 1L << 30;

    private readonly NativeRegion _region = NativeRegion.Allocate(Bytes);
    private long _used;

    public RegionSpan Take(long length)
    {
        RegionSpan piece = _region.Slice(_used, length);
        _used += (length + SimulatedFile.PageBytes - 1) / SimulatedFile.PageBytes * SimulatedFile.PageBytes;
        return piece;
    }

    public void Reset()
    {
        for (long offset = 0; offset < _used; offset += 1 << 20)
        {
            _region.All.Span(offset, (int)Math.Min(1 << 20, _used - offset)).Clear();
        }

        _used = 0;
    }

    public void Dispose() => _region.Dispose();
}
