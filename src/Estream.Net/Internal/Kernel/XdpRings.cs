using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Estream.Net.Internal.Kernel;

/// <summary>One mapped ring of an AF_XDP socket. Head and tail are free-running 32-bit counts; one side is the kernel.</summary>
internal sealed unsafe class XdpRingMapping : IDisposable
{
    private readonly nuint _bytes;
    private byte* _mapping;

    private XdpRingMapping(byte* mapping, nuint bytes, NativeMethods.XdpRingOffset offsets, uint entries)
    {
        _mapping = mapping;
        (_bytes, EntryCount) = (bytes, entries);

        // SAFETY: the kernel reports offsets inside the ring; Map has mapped the ring to its end. All words are aligned.
        Producer = (uint*)(mapping + offsets.Producer);
        Consumer = (uint*)(mapping + offsets.Consumer);
        Flags = (uint*)(mapping + offsets.Flags);
        Entries = mapping + offsets.Entries;
    }

    public uint EntryCount { get; }

    public uint* Producer { get; private set; }

    public uint* Consumer { get; private set; }

    public uint* Flags { get; private set; }

    public byte* Entries { get; private set; }

    /// <summary>Maps a ring.</summary>
    /// <param name="socket">The AF_XDP socket.</param>
    /// <param name="offsets">Where the kernel put the words of the ring.</param>
    /// <param name="entries">The number of entries, a power of two.</param>
    /// <param name="entryBytes">The size of an entry.</param>
    /// <param name="page">The offset that selects the ring.</param>
    /// <returns>Null if the kernel refuses; the errno is then the thread's last error.</returns>
    public static XdpRingMapping? TryMap(int socket, NativeMethods.XdpRingOffset offsets, int entries, int entryBytes, long page)
    {
        if (!BitOperations.IsPow2(entries))
        {
            throw new ArgumentException($"A ring has a power of two of entries, not {entries}.", nameof(entries));
        }

        // SAFETY: the kernel chooses the address and guarantees the bytes there until Unmap, which only Dispose calls, once.
        nuint bytes = (nuint)offsets.Entries + ((nuint)entries * (nuint)entryBytes);
        byte* mapping = (byte*)NativeMethods.Map(
            null, bytes, NativeMethods.ProtReadWrite, NativeMethods.MapShared | NativeMethods.MapPopulate, socket, page);
        return mapping == (byte*)-1 ? null : new XdpRingMapping(mapping, bytes, offsets, (uint)entries);
    }

    public void Dispose()
    {
        if (_mapping is not null)
        {
            // SAFETY: unmapped once. The pointers become null, so a later access throws.
            _ = NativeMethods.Unmap(_mapping, _bytes);
            _mapping = null;
            Producer = Consumer = Flags = null;
            Entries = null;
        }
    }
}

/// <summary>The producing side of a ring: the fill ring and the send ring. Not thread-safe.</summary>
internal sealed unsafe class XdpProducer<T>(XdpRingMapping ring)
    where T : unmanaged
{
    private readonly uint _mask = ring.EntryCount - 1;
    private uint _next;
    private uint _consumed;

    /// <summary>The entries that the kernel has not consumed, written ones included, by the last look at its count.</summary>
    public int Unconsumed
    {
        get
        {
            // SAFETY: a word of the mapping. Acquire: what the kernel did with an entry happens before its slot is written again.
            _consumed = Volatile.Read(ref *ring.Consumer);
            return (int)(_next - _consumed);
        }
    }

    /// <summary>Whether the kernel waits for a wake-up before it consumes entries.</summary>
    public bool NeedsWakeup
    {
        get
        {
            // The kernel sets the flag, looks at the ring once more, and sleeps. Without a full barrier the load could precede the store
            // of Publish in the store buffer, and neither side would see the other's change.
            Interlocked.MemoryBarrier();

            // SAFETY: a word of the mapping.
            return (Volatile.Read(ref *ring.Flags) & NativeMethods.XdpRingNeedsWakeup) != 0;
        }
    }

    /// <summary>Returns the slot of the next entry. The caller knows that the ring has space: it never writes more entries than there are
    /// frames, and the ring has a slot for each frame.</summary>
    // SAFETY: the mask keeps the index below the entries of the mapping.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T Next() => ref ((T*)ring.Entries)[_next++ & _mask];

    /// <summary>Shows all written entries to the kernel. Release: the entries are visible before the count.</summary>
    // SAFETY: a word of the mapping.
    public void Publish() => Volatile.Write(ref *ring.Producer, _next);
}

/// <summary>The consuming side of a ring: the receive ring and the completion ring. Not thread-safe.</summary>
internal sealed unsafe class XdpConsumer<T>(XdpRingMapping ring)
    where T : unmanaged
{
    private readonly uint _mask = ring.EntryCount - 1;
    private uint _next;

    /// <summary>Returns the number of entries that can be read.</summary>
    public int Available()
    {
        // SAFETY: a word of the mapping. Acquire: entries below the count are visible after it.
        uint available = Volatile.Read(ref *ring.Producer) - _next;

        // A count above the size of the ring can only come from memory that someone else has written.
        return (int)Math.Min(available, ring.EntryCount);
    }

    /// <summary>Reads the next entry. The caller has asked <see cref="Available"/>.</summary>
    // SAFETY: the mask keeps the index below the entries of the mapping.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Next() => ((T*)ring.Entries)[_next++ & _mask];

    /// <summary>Gives the slots of all read entries back to the kernel. Release: they are read before.</summary>
    // SAFETY: a word of the mapping.
    public void Release() => Volatile.Write(ref *ring.Consumer, _next);
}

/// <summary>struct xdp_desc: an entry of the receive ring and the send ring.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct XdpDescriptor
{
    public ulong Address;
    public uint Length;
    public uint Options;
}
