using Estream.Core;
using Estream.Fpga.Internal;

namespace Estream.Fpga;

/// <summary>Memory that a card reads and writes, on huge pages if available. Thread-safe except for <see cref="Dispose"/>. Do not write to
/// a part while the card reads it.</summary>
/// <remarks>Disposing unmaps the memory from the card, so do not dispose it while submissions that refer to it are in flight. After a
/// timeout the card keeps the memory until it is reset.</remarks>
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

        // SAFETY: the region begins at a page, has that many bytes, and is not freed before the card has unmapped the memory or is closed.
        NativeMethods.CallStatus status = NativeMethods.MapMemory(device, Pointer, (ulong)bytes, &address);
        if (status != NativeMethods.CallStatus.Ok)
        {
            _region.Dispose();
            throw NativeErrors.Of(status, uri);
        }

        Address = address;
    }

    /// <summary>The address of the memory for the card.</summary>
    public ulong Address { get; }

    /// <summary>The size in bytes.</summary>
    public long Length => _region.Length;

    /// <summary>The number of bytes that are currently on huge pages.</summary>
    public long HugePageBytes => _region.CountHugePageBytes();

    // SAFETY: the region is not empty, and its first byte is outside the collected heap and does not move until Dispose.
    internal unsafe byte* Pointer => (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _region.All.Span(0, 1)[0]);

    /// <summary>Returns a part of the memory.</summary>
    /// <param name="offset">The offset of the first byte.</param>
    /// <param name="length">The number of bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside the memory.</exception>
    public Span<byte> Span(long offset, int length) => _region.All.Span(offset, length);

    /// <summary>Unmaps the memory from the card and frees it. Idempotent.</summary>
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
