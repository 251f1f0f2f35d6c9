using Estream.Core;
using Estream.Fpga.Internal;

namespace Estream.Fpga;

/// <summary>Memory that a card reads and writes, on huge pages where the system gives them. Thread-safe but for <see cref="Dispose"/>; what
/// the card is reading must not be written meanwhile.</summary>
/// <remarks>It is taken from the card when it is disposed: not while submissions that name it are under way. A card that timed out keeps it
/// until it was reset.</remarks>
public sealed class FpgaMemory : IDisposable
{
    private readonly NativeRegion _region;
    private readonly DeviceHandle _device;
    private bool _isDisposed;

    internal unsafe FpgaMemory(DeviceHandle device, string uri, long bytes)
    {
        _device = device;
        _region = NativeRegion.Allocate(bytes);
        ulong address = 0;

        // SAFETY: the region begins at a page, has that many bytes, and is not given back before the card was told to unmap it, or was
        // closed.
        NativeMethods.CallStatus status = NativeMethods.MapMemory(device, Pointer, (ulong)bytes, &address);
        if (status != NativeMethods.CallStatus.Ok)
        {
            _region.Dispose();
            throw NativeErrors.Of(status, uri);
        }

        Address = address;
    }

    /// <summary>Where it begins, for the card.</summary>
    public ulong Address { get; }

    /// <summary>Its size in bytes.</summary>
    public long Length => _region.Length;

    /// <summary>How many of its bytes are on huge pages now.</summary>
    public long HugePageBytes => _region.CountHugePageBytes();

    // SAFETY: the region is not empty, and its first byte stays where it is, outside of the collected heap, until Dispose.
    internal unsafe byte* Pointer => (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _region.All.Span(0, 1)[0]);

    /// <summary>A part of it.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside.</exception>
    public Span<byte> Span(long offset, int length) => _region.All.Span(offset, length);

    /// <summary>Takes it from the card and gives it back. Idempotent.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (!_device.IsClosed)
        {
            _ = NativeMethods.UnmapMemory(_device, Address);
        }

        _region.Dispose();
    }
}
