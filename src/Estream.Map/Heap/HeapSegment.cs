using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// A file of blocks, identified by its segment number. Blocks are appended, written once, and never changed. When none of them is needed
/// any more, the writer releases the number (<see cref="GiveUp"/>) and may reuse the memory under another number.
/// </summary>
/// <remarks>
/// The pattern of every read, by any thread of any process: (1) The index returned a reference, and everything the reader loads after that
/// is no older than the reference. (2) The reader compares and copies bytes. It checks each offset and length first, because they may have
/// any value. (3) A read barrier. (4) The reader loads the segment's number. If it is still that of the reference, nothing that was read
/// had been overwritten, because the writer stores 0 in the number, and then executes a write barrier, before it overwrites anything.
/// </remarks>
internal sealed partial class HeapSegment
{
    // The length of a cache line: Prefetch fetches the line in which a block begins, and the next line.
    private const int PrefetchedBytes = 64;

    private readonly HeapMemory _memory;
    private readonly RegionSpan _span;
    private readonly bool _isPinned;

    // The header word of a plaintext entry, minus the key length. In an encrypted segment, a number larger than every header word: the
    // fast path then rejects every block, even if a forged block claims to be plaintext.
    private readonly ulong _plainEntry;

    public HeapSegment(HeapMemory memory, string path, long id, BlockCipher? cipher, bool isPinned = false)
    {
        (_cipher, _isPinned) = (cipher, isPinned);
        _plainEntry = cipher is null ? (ulong)BlockKind.Entry << BlockLayout.KindShift : 1UL << 32;
        Serial = cipher is null ? 0 : Interlocked.Increment(ref s_lastSerial);
        _memory = memory;
        _span = memory.Region.All;
        Path = path;
        Id = id;
        IsSingle = _span.ReadInt64(SegmentLayout.IsSingle) != 0;
    }

    public string Path { get; }

    public long Id { get; }

    public HeapMemory Memory => _memory;

    /// <summary>Whether the segment was created for one large block.</summary>
    public bool IsSingle { get; }

    /// <summary>The number of bytes for blocks, used or free.</summary>
    public long Capacity => _span.Length - SegmentLayout.BlocksStart;

    // Only the writer uses the properties from here on.
    public long Tail => _span.ReadInt64(SegmentLayout.Tail);

    public long Room => _span.Length - Tail;

    public long LiveBytes
    {
        get => _span.ReadInt64Acquire(SegmentLayout.LiveBytes);
        set => _span.WriteInt64Release(SegmentLayout.LiveBytes, value);
    }

    /// <summary>The offset up to which the segment is durable.</summary>
    public long FlushedTo { get; set; }

    /// <summary>Whether the header words have changed since they were flushed.</summary>
    public bool IsHeadDirty { get; set; } = true;

    public bool IsVictim { get; set; }

    /// <summary>Whether a block of the segment could not be copied. The segment is then kept.</summary>
    public bool IsDamaged { get; set; }

    /// <summary>Starts a segment in new or reused memory, under a new number.</summary>
    public static HeapSegment Begin(HeapMemory memory, string path, long id, bool isSingle, BlockCipher? cipher)
    {
        RegionSpan span = memory.Region.All;
        span.WriteInt64(SegmentLayout.IsSingle, isSingle ? 1 : 0);
        span.WriteInt64(SegmentLayout.Tail, SegmentLayout.BlocksStart);
        span.WriteInt64(SegmentLayout.LiveBytes, 0);
        span.WriteInt32(SegmentLayout.KeyGeneration, (int)(cipher?.Generation ?? 0));

        // Release: a process that reads the number also reads the other words.
        span.WriteInt64Release(SegmentLayout.Id, id);
        return new HeapSegment(memory, path, id, cipher);
    }

    /// <summary>Releases the number, after the last reference to the segment was removed from the index. Readers that still use the segment
    /// start over.</summary>
    public void GiveUp()
    {
        _span.WriteInt64(SegmentLayout.Id, 0);

        // The number is 0 before the first byte of a block changes.
        Volatile.WriteBarrier();
    }

    /// <summary>A segment object over the same memory, for a snapshot that has pinned the memory: reads are valid even after the release of
    /// the number.</summary>
    public HeapSegment Pinned() => new(_memory, Path, Id, _cipher, isPinned: true);

    /// <summary>Whether everything that was read before this call is valid; see the pattern in the remarks of the type.</summary>
    public bool IsCurrent()
    {
        Volatile.ReadBarrier();
        bool isCurrent = _span.ReadInt64(SegmentLayout.Id) == Id || _isPinned;
        GC.KeepAlive(this);
        return isCurrent;
    }

    /// <summary>Reserves space for a block.</summary>
    /// <returns>The offset of the block.</returns>
    public long Take(long bytes)
    {
        long offset = Tail;
        _span.WriteInt64Release(SegmentLayout.Tail, offset + bytes);
        IsHeadDirty = true;
        return offset;
    }

    public void Write(long offset, BlockKind kind, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (_cipher is not null && kind == BlockKind.Entry)
        {
            WriteSealed(offset, key, stamp: default, value);
            return;
        }

        uint checksum = WriteStart(offset, kind, key, value.Length);
        checksum = _span.WriteAndChecksum(offset + BlockLayout.HeaderBytes + key.Length, value, checksum);
        _span.WriteInt32(offset, (int)checksum);
    }

    /// <summary>Writes an entry whose value begins with a stamp.</summary>
    public void Write(long offset, ReadOnlySpan<byte> key, in Stamp stamp, ReadOnlySpan<byte> value)
    {
        Span<byte> start = stackalloc byte[Stamp.Bytes];
        stamp.Write(start);
        if (_cipher is not null)
        {
            WriteSealed(offset, key, start, value);
            return;
        }

        long at = offset + BlockLayout.HeaderBytes + key.Length;
        uint checksum = WriteStart(offset, BlockKind.Entry, key, Stamp.Bytes + value.Length);
        checksum = _span.WriteAndChecksum(at, start, checksum);
        checksum = _span.WriteAndChecksum(at + Stamp.Bytes, value, checksum);
        _span.WriteInt32(offset, (int)checksum);
    }

    /// <summary>Writes an unchanged copy of a block of another segment.</summary>
    public void WriteCopy(long offset, HeapSegment source, BlockRef at, in BlockHead head) =>
        _span.Write(offset, source._span.ReadOnlySpan(at.Offset, head.UsedBytes));

    /// <summary>Prefetches a block that is read next: two cache lines, which hold header, key and the start of the value if they are
    /// short.</summary>
    public void Prefetch(BlockRef at)
    {
        _span.Prefetch(at.Offset);
        _span.Prefetch(at.Offset + PrefetchedBytes);
    }

    /// <summary>Reads the header of a block and checks that its fields are possible.</summary>
    public BlockOutcome ReadHead(BlockRef at, out BlockHead head)
    {
        bool isPossible = TryReadHead(at, out head);
        return !IsCurrent() ? BlockOutcome.Retired : isPossible ? BlockOutcome.Found : BlockOutcome.Damaged;
    }

    /// <summary>Reads the header of a block as <see cref="ReadHead"/> does, and compares the key.</summary>
    public BlockOutcome Match(BlockRef at, ReadOnlySpan<byte> key, out BlockHead head)
    {
        bool isPossible = TryReadHead(at, out head) && !at.IsList;
        if (_cipher is not null)
        {
            return MatchSealed(at, key, in head, isPossible);
        }

        bool isSame = isPossible && head.KeyBytes == key.Length && KeyOf(at, in head).SequenceEqual(key);
        return !IsCurrent() ? BlockOutcome.Retired
            : isSame ? BlockOutcome.Found
            : isPossible && IsChecked(at, in head) ? BlockOutcome.OtherKey
            : IsCurrent() ? BlockOutcome.Damaged
            : BlockOutcome.Retired;
    }

    /// <summary>
    /// The fast path of a get: copies the value of a key from a plaintext entry, and verifies the checksum of the block. With fewer
    /// instructions, more gets overlap in the processor. The overlap determines the speed of maps larger than the caches.
    /// </summary>
    /// <returns>Whether the destination has the value. If not, the length is undefined; <see cref="Match"/> reports the reason.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryCopy(BlockRef at, ReadOnlySpan<byte> key, Span<byte> destination, out int length)
    {
        length = 0;
        RegionSpan span = _span;
        long offset = at.Offset;
        if (offset < SegmentLayout.BlocksStart || offset > span.Length - BlockLayout.HeaderBytes)
        {
            return false;
        }

        // Loads each length once, because the writer may overwrite the block meanwhile. The upper half of the second word is zero.
        const int Start = BlockLayout.KeyBytesAndKind;
        RegionBlock header = span.Block(offset, BlockLayout.HeaderBytes);
        ulong checksumAndKind = (ulong)header.ReadInt64(BlockLayout.Checksum);
        ulong valueBytes = (ulong)header.ReadInt64(BlockLayout.ValueBytes);
        if (checksumAndKind >> 32 != _plainEntry + (uint)key.Length
            || !span.TryMatchAndCopy(offset + Start, BlockLayout.HeaderBytes - Start, key, valueBytes, destination, out uint checksum)
            || checksum != (uint)checksumAndKind)
        {
            return false;
        }

        // As IsCurrent, with fewer instructions.
        Volatile.ReadBarrier();
        if (span.ReadInt64(SegmentLayout.Id) != Id && !_isPinned)
        {
            return false;
        }

        GC.KeepAlive(this);
        length = (int)valueBytes;
        return true;
    }

    /// <summary>Copies the value, without its first <paramref name="from"/> bytes, and verifies the checksum with the copied
    /// bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public BlockOutcome CopyValue(BlockRef at, in BlockHead head, Span<byte> destination, int from = 0)
    {
        Span<byte> copy = destination[..(head.ValueBytes - from)];
        if (head.Kind == BlockKind.Sealed)
        {
            return CopySealedValue(at, in head, copy, from);
        }

        ValueOf(at, in head)[from..].CopyTo(copy);
        int before = BlockLayout.HeaderBytes - BlockLayout.KeyBytesAndKind + head.KeyBytes + from;
        uint checksum = Crc32C.Compute(_span.ReadOnlySpan(at.Offset + BlockLayout.KeyBytesAndKind, before));
        bool isWhole = Crc32C.Append(checksum, copy) == head.Checksum;
        return !IsCurrent() ? BlockOutcome.Retired : isWhole ? BlockOutcome.Found : BlockOutcome.Damaged;
    }

    public BlockOutcome CopyKey(BlockRef at, in BlockHead head, Span<byte> destination)
    {
        if (head.Kind == BlockKind.Sealed)
        {
            return CopySealed(at, in head, destination[..head.KeyBytes], head.ValueBytes);
        }

        KeyOf(at, in head).CopyTo(destination);
        return IsCurrent() ? BlockOutcome.Found : BlockOutcome.Retired;
    }

    /// <summary>Reads version and expiry of an entry whose value begins with them.</summary>
    public BlockOutcome ReadStamp(BlockRef at, in BlockHead head, long now, out Stamp stamp)
    {
        bool isPossible = head.ValueBytes >= Stamp.Bytes;
        stamp = isPossible ? Stamp.Read(StampOf(at, in head)) : default;

        // A caller that finds the entry expired does not read the value, and so would not verify the checksum.
        bool isRight = isPossible && (!Stamp.IsOver(stamp.ExpiresAt, now) || IsChecked(at, in head));
        return !IsCurrent() ? BlockOutcome.Retired : isRight ? BlockOutcome.Found : BlockOutcome.Damaged;
    }

    /// <summary>Verifies the value and returns it, in place if it is not sealed; for the writer.</summary>
    public HeldBytes HoldValue(BlockRef at, scoped in BlockHead head, string place)
    {
        if (!IsChecked(at, in head))
        {
            HeapErrors.NoSuchBlock(place, at);
        }

        return head.Kind == BlockKind.Sealed
            ? HeldBytes.CopyOf(OpenedBlock.OfThread.Plain[..head.ValueBytes])
            : HeldBytes.InPlace(ValueOf(at, in head));
    }

    /// <summary>Whether the block has this value; for the writer.</summary>
    public bool HasValue(BlockRef at, in BlockHead head, ReadOnlySpan<byte> value) => head.Kind == BlockKind.Sealed
        ? TryOpen(at, in head, out ReadOnlySpan<byte> plain) && plain[..head.ValueBytes].SequenceEqual(value)
        : ValueOf(at, in head).SequenceEqual(value);

    /// <summary>Whether the checksum of the block is correct, or the sealed block is genuine; for the writer.</summary>
    public bool IsChecked(BlockRef at, in BlockHead head)
    {
        if (head.Kind == BlockKind.Sealed)
        {
            return TryOpen(at, in head, out _);
        }

        int bytes = BlockLayout.HeaderBytes - BlockLayout.KeyBytesAndKind + head.KeyBytes + head.ValueBytes;
        return Crc32C.Compute(_span.ReadOnlySpan(at.Offset + BlockLayout.KeyBytesAndKind, bytes)) == head.Checksum;
    }

    /// <summary>The hash of the key of a block that was verified; for the writer.</summary>
    public nuint HashOf(BlockRef at, in BlockHead head, in ByteHash hash)
    {
        ReadOnlySpan<byte> plain = default;
        bool isSealed = head.Kind == BlockKind.Sealed && TryOpen(at, in head, out plain);
        return hash.Of(isSealed ? plain[head.ValueBytes..] : KeyOf(at, in head));
    }

    /// <summary>Gets the key of an entry, in place if it is not sealed; for the writer, or for a snapshot, under which the block is not
    /// overwritten.</summary>
    public bool TryHoldKey(BlockRef at, out HeldBytes key)
    {
        key = default;
        if (!TryReadHead(at, out BlockHead head) || at.IsList)
        {
            return false;
        }

        if (head.Kind != BlockKind.Sealed)
        {
            key = HeldBytes.InPlace(KeyOf(at, in head));
            return true;
        }

        bool isOpen = TryOpen(at, in head, out ReadOnlySpan<byte> plain);
        key = isOpen ? HeldBytes.CopyOf(plain[head.ValueBytes..]) : default;
        return isOpen;
    }

    private uint WriteStart(long offset, BlockKind kind, ReadOnlySpan<byte> key, int valueBytes)
    {
        WriteFields(offset, kind, key.Length, valueBytes);
        const int Fixed = BlockLayout.HeaderBytes - BlockLayout.KeyBytesAndKind;
        uint checksum = Crc32C.Compute(_span.ReadOnlySpan(offset + BlockLayout.KeyBytesAndKind, Fixed));
        return _span.WriteAndChecksum(offset + BlockLayout.HeaderBytes, key, checksum);
    }

    private void WriteFields(long offset, BlockKind kind, int keyBytes, int valueBytes)
    {
        _span.WriteInt32(offset + BlockLayout.KeyBytesAndKind, keyBytes | ((int)kind << BlockLayout.KindShift));
        _span.WriteInt32(offset + BlockLayout.ValueBytes, valueBytes);
        _span.WriteInt32(offset + BlockLayout.Extras, 0);
    }

    private ReadOnlySpan<byte> KeyOf(BlockRef at, scoped in BlockHead head) =>
        _span.ReadOnlySpan(at.Offset + BlockLayout.HeaderBytes, head.KeyBytes);

    private ReadOnlySpan<byte> ValueOf(BlockRef at, scoped in BlockHead head) =>
        _span.ReadOnlySpan(at.Offset + BlockLayout.HeaderBytes + head.KeyBytes, head.ValueBytes);

    private bool TryReadHead(BlockRef at, out BlockHead head)
    {
        head = default;
        if (at.Offset < SegmentLayout.BlocksStart || at.Offset > _span.Length - BlockLayout.HeaderBytes)
        {
            return false;
        }

        ReadOnlySpan<byte> fields = _span.ReadOnlySpan(at.Offset, BlockLayout.HeaderBytes);
        uint keyBytesAndKind = BinaryPrimitives.ReadUInt32LittleEndian(fields[BlockLayout.KeyBytesAndKind..]);
        head = new BlockHead(
            BinaryPrimitives.ReadUInt32LittleEndian(fields),
            (BlockKind)(keyBytesAndKind >> BlockLayout.KindShift),
            (int)(keyBytesAndKind & BlockLayout.KeyBytesMask),
            BinaryPrimitives.ReadInt32LittleEndian(fields[BlockLayout.ValueBytes..]));
        return head.Kind == (at.IsList ? BlockKind.List : EntryKind)
            && (head.Kind != BlockKind.Sealed || head.Checksum == 0)
            && head.KeyBytes <= HeapFormat.MaxKeyBytes
            && (uint)head.ValueBytes <= HeapFormat.MaxValueBytes
            && BinaryPrimitives.ReadInt32LittleEndian(fields[BlockLayout.Extras..]) == 0
            && at.Offset <= _span.Length - head.Bytes;
    }
}
