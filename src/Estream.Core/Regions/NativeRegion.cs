using System.Runtime.InteropServices;
using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>Anonymous zeroed memory outside the garbage-collected heap, with huge pages if the system gives them.</summary>
public sealed unsafe class NativeRegion : MemoryRegion
{
    private const long HugePageBytes = 2L << 20;

    private readonly byte* _mapping;
    private readonly nuint _mappedBytes;

    private NativeRegion(byte* address, long length, byte* mapping, nuint mappedBytes)
        : base(address, length, isReadOnly: false)
    {
        _mapping = mapping;
        _mappedBytes = mappedBytes;
    }

    /// <inheritdoc/>
    public override HugePages HugePages =>
        Length >= HugePageBytes && KernelFile.ReadChoice("/sys/kernel/mm/transparent_hugepage/enabled") is "always" or "madvise"
            ? HugePages.Transparent
            : HugePages.None;

    /// <summary>Allocates zeroed memory. The system supplies pages when they are first accessed.</summary>
    /// <param name="length">Bytes, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is less than 1.</exception>
    /// <exception cref="InsufficientMemoryException">The system has no address space left.</exception>
    public static NativeRegion Allocate(long length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        const int Flags = NativeMethods.MapPrivate | NativeMethods.MapAnonymous | NativeMethods.MapNoReserve;

        // A huge page covers aligned addresses only, so a region that can have some starts at such an address and ends at one. Address
        // space that nothing touches costs nothing.
        bool canBeHuge = length >= HugePageBytes && length <= long.MaxValue - (2 * HugePageBytes);
        nuint mappedBytes = (nuint)(canBeHuge ? ((length + HugePageBytes - 1) / HugePageBytes * HugePageBytes) + HugePageBytes : length);

        // SAFETY: the kernel chooses the address and guarantees the zeroed bytes there until Release, which is called once. The region
        // begins less than a huge page after the start of the mapping, which is one huge page longer.
        byte* mapping = (byte*)RetiredAddresses.Map(mappedBytes, NativeMethods.ProtRead | NativeMethods.ProtWrite, Flags, -1);
        if (mapping == (byte*)-1)
        {
            throw new InsufficientMemoryException(
                $"The system could not allocate {length} bytes of memory (errno {Marshal.GetLastPInvokeError()}). Free memory, "
                + "or request less.");
        }

        byte* address = canBeHuge ? (byte*)(((nuint)mapping + (nuint)HugePageBytes - 1) & ~((nuint)HugePageBytes - 1)) : mapping;
        if (canBeHuge)
        {
            // A hint only: without huge pages the memory works the same, with more TLB misses.
            _ = NativeMethods.Advise(mapping, mappedBytes, NativeMethods.MadvHugePage);
        }

        return new NativeRegion(address, length, mapping, mappedBytes);
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

    /// <summary>Excludes this memory from core dumps, for secrets. A hint: old kernels ignore it.</summary>
    public void KeepOutOfDumps() => PageAdvice.Apply(All, NativeMethods.MadvDontDump);

    private protected override void Release(byte* address, long length)
    {
        // SAFETY: called once, by Dispose, with what Map returned.
        RetiredAddresses.Add(_mapping, _mappedBytes, isReadOnly: false);
    }
}
