using System.Runtime.InteropServices;
using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>Anonymous zeroed memory outside the garbage-collected heap, on huge pages where the system gives them. Gone with the process.</summary>
public sealed unsafe class NativeRegion : MemoryRegion
{
    private NativeRegion(byte* address, long length)
        : base(address, length, isReadOnly: false)
    {
    }

    /// <summary>Allocates zeroed memory; pages are taken from the system when they are first touched.</summary>
    /// <param name="length">Bytes, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than one byte was asked for.</exception>
    /// <exception cref="InsufficientMemoryException">The system has no address space for it.</exception>
    public static NativeRegion Allocate(long length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        const int Flags = NativeMethods.MapPrivate | NativeMethods.MapAnonymous | NativeMethods.MapNoReserve;

        // SAFETY: the kernel chooses the address and guarantees `length` zeroed bytes there until Unmap, which only Release calls, once.
        void* address = NativeMethods.Map(null, (nuint)length, NativeMethods.ProtRead | NativeMethods.ProtWrite, Flags, -1, 0);
        if (address == (void*)-1)
        {
            throw new InsufficientMemoryException(
                $"The system did not give {length} bytes of memory (errno {Marshal.GetLastPInvokeError()}). Free memory or ask for less.");
        }

        // A hint only: without huge pages the memory works the same, with more TLB misses.
        _ = NativeMethods.Advise(address, (nuint)length, NativeMethods.MadvHugePage);
        return new NativeRegion((byte*)address, length);
    }

    /// <inheritdoc/>
    public override void Prefault(long offset, long length)
    {
        RegionSpan part = Slice(offset, length);
        if (part.Length > 0)
        {
            PageAdvice.Apply(part, NativeMethods.MadvPopulateWrite);
        }
    }

    private protected override void Release(byte* address, long length)
    {
        // SAFETY: called once, by Dispose, with what Map returned; no window is in use by then (the contract of MemoryRegion).
        _ = NativeMethods.Unmap(address, (nuint)length);
    }
}
