using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>A part of a segment to be flushed, and the tail of the segment at that time.</summary>
internal readonly record struct FlushRange(HeapSegment Segment, long From, long To, long Tail)
{
    public void Flush() => Segment.Memory.Region.Flush(From, To - From);
}

/// <summary>
/// The blocks of a byte map, for its only writer: appends blocks to the open segment, counts live bytes, and releases segments without live
/// blocks. Blocks copied by a pass go to another open segment, because a block that has lived long usually stays.
/// </summary>
internal sealed class Heap(HeapView view, ByteMeta meta, RegionSource source, MapKeys? keys, long maxSegmentBytes)
{
    /// <summary>A new segment has about the size of the live bytes divided by this number, within the minimum and maximum segment
    /// sizes.</summary>
    private const int SegmentsPerHeap = 16;

    /// <summary>A block larger than a segment divided by this number has a separate segment, so that closing a segment early wastes less
    /// than that.</summary>
    private const int SingleBlockPart = 8;

    private readonly long _maxSegmentBytes = maxSegmentBytes & -MapFormat.PageBytes;
    private readonly SegmentSupply _supply = new(source, view.Identity);
    private HeapSegment? _open;
    private HeapSegment? _survivors;
    private long _capacity;
    private long _mappedBytes;

    public HeapView View { get; } = view;

    /// <summary>The bytes of all blocks that can be found.</summary>
    public long LiveBytes { get; private set; }

    /// <summary>The bytes of blocks that can no longer be found, and of unused space at the end of segments.</summary>
    public long DeadBytes => _capacity - LiveBytes - (_open?.Room ?? 0) - (_survivors?.Room ?? 0);

    /// <summary>The capacity of the two open segments, whose dead bytes cannot be reclaimed yet.</summary>
    public long OpenBytes => (_open?.Capacity ?? 0) + (_survivors?.Capacity ?? 0);

    /// <summary>The bytes of all files, spares included.</summary>
    public long Bytes => _mappedBytes + _supply.Bytes;

    /// <summary>The data key of new segments; 0 if the map is not encrypted.</summary>
    public uint KeyGeneration => keys?.Current.Generation ?? 0;

    /// <summary>The data keys of all segments.</summary>
    public IReadOnlySet<uint> KeyGenerations => View.Segments.ToList().Select(segment => segment.KeyGeneration).ToHashSet();

    public long NewSegmentBytes =>
        Math.Clamp(LiveBytes / SegmentsPerHeap & -MapFormat.PageBytes, Math.Min(HeapFormat.FirstSegmentBytes, _maxSegmentBytes),
            _maxSegmentBytes);

    /// <summary>Adds a segment that exists when the map is opened.</summary>
    public void Adopt(HeapSegment segment, bool isOpen, bool isOnDevice)
    {
        View.Segments.Add(segment);
        _capacity += segment.Capacity;
        _mappedBytes += segment.Memory.Region.Length;
        LiveBytes += segment.LiveBytes;
        segment.FlushedTo = isOnDevice ? segment.Tail : 0;
        segment.IsHeadDirty = !isOnDevice;
        _open = isOpen ? segment : _open;
    }

    /// <summary>The bytes of the block of an entry.</summary>
    public long EntryBytes(int keyBytes, int valueBytes) =>
        BlockLayout.BytesOf(keyBytes, valueBytes + (keys is null ? 0 : BlockLayout.SealBytes));

    /// <summary>Stores a block. It is live once it can be found: see <see cref="AddLive"/>.</summary>
    /// <exception cref="EstreamStorageException">A new segment was needed, and the disk is full or the device reported an error. Nothing
    /// changed.</exception>
    public BlockRef Append(BlockKind kind, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        HeapSegment segment = Take(BytesOf(kind, key.Length, value.Length), out long offset);
        segment.Write(offset, kind, key, value);
        PrepareAhead(segment);
        return BlockRef.Of(segment.Id, offset, kind == BlockKind.List);
    }

    /// <summary>Stores an entry whose value begins with a stamp.</summary>
    /// <exception cref="EstreamStorageException">As for
    /// <see cref="Append(BlockKind, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>.</exception>
    public BlockRef Append(ReadOnlySpan<byte> key, in Stamp stamp, ReadOnlySpan<byte> value)
    {
        HeapSegment segment = Take(EntryBytes(key.Length, Stamp.Bytes + value.Length), out long offset);
        segment.Write(offset, key, in stamp, value);
        PrepareAhead(segment);
        return BlockRef.Of(segment.Id, offset, isList: false);
    }

    /// <summary>Copies a block to the open segment for copied blocks. An entry that is sealed with an older key is
    /// sealed with the current key.</summary>
    /// <returns>Whether it was copied; false if it is sealed and not genuine.</returns>
    public bool TryMove(HeapSegment from, BlockRef at, in BlockHead head, out BlockRef moved)
    {
        moved = default;
        ReadOnlySpan<byte> plain = default;
        bool isSealedAgain = head.Kind == BlockKind.Sealed && from.KeyGeneration != KeyGeneration;
        if (isSealedAgain && !from.TryOpen(at, in head, out _))
        {
            return false;
        }

        HeapSegment segment = Reserve(ref _survivors, head.Bytes);

        // Open the entry after Reserve: to create a segment, the storage may run code that opens other entries.
        if (isSealedAgain && !from.TryOpen(at, in head, out plain))
        {
            return false;
        }

        long offset = segment.Take(head.Bytes);
        if (isSealedAgain)
        {
            segment.WriteSealedAgain(offset, in head, plain);
        }
        else
        {
            segment.WriteCopy(offset, from, at, in head);
        }

        moved = BlockRef.Of(segment.Id, offset, at.IsList);
        return true;
    }

    /// <summary>Counts a block that can now be found; with a negative number of bytes, a block that can no longer be found.</summary>
    public void AddLive(BlockRef at, long bytes) => ChangeLive(at, bytes);

    /// <summary>Counts a block that can no longer be found, and releases its segment if that was created for this block.</summary>
    public void Free(BlockRef at, long bytes)
    {
        HeapSegment? segment = ChangeLive(at, -bytes);
        if (segment is { IsSingle: true })
        {
            GiveUp(segment);
        }
    }

    /// <summary>Whether blocks are still appended to a segment.</summary>
    public bool IsOpen(HeapSegment segment) => segment == _open || segment == _survivors;

    /// <summary>Closes the open segments so that a pass can empty them: all, or those that are more than four times as large as a new
    /// segment.</summary>
    public void Close(bool all)
    {
        _open = all || _open?.Capacity > NewSegmentBytes * 4 ? null : _open;
        _survivors = all || _survivors?.Capacity > NewSegmentBytes * 4 ? null : _survivors;
    }

    /// <summary>Releases a segment to which nothing refers, and keeps its memory for the next one. If a snapshot has pinned it, the file is
    /// deleted instead.</summary>
    public void GiveUp(HeapSegment segment)
    {
        if (View.Segments.Find(segment.Id) != segment)
        {
            return;
        }

        string spare = _supply.NextName();
        bool isPinned = segment.Memory.IsPinned;
        try
        {
            // Rename the file first, so that a crash here leaves no segment whose number differs from that of its name.
            TakeName(segment, isPinned ? null : spare);
        }
        catch (EstreamStorageException)
        {
            // The rename failed: the empty segment stays until the next attempt.
            return;
        }

        View.Segments.Remove(segment);
        segment.GiveUp();
        _open = segment == _open ? null : _open;
        _survivors = segment == _survivors ? null : _survivors;
        _capacity -= segment.Capacity;
        _mappedBytes -= segment.Memory.Region.Length;
        LiveBytes -= segment.LiveBytes;
        if (isPinned)
        {
            segment.Memory.Retire();
        }
        else
        {
            // Writes before the next pass fill about this many bytes. Reusing a file is cheaper than creating one and touching its pages.
            _supply.Give(new Spare(segment.Memory, spare), NewSegmentBytes, (LiveBytes / 2) + (3 * NewSegmentBytes));
        }

        NoteFigures();
    }

    // A segment that a snapshot has pinned is not overwritten, so its file is not needed any more.
    private void TakeName(HeapSegment segment, string? spare)
    {
        string name = HeapFormat.SegmentFile(segment.Id);
        if (spare is null)
        {
            source.Delete(name);
        }
        else
        {
            source.Rename(name, spare);
        }
    }

    /// <summary>Releases all segments. Nothing may refer to any of them.</summary>
    public void GiveUpAll()
    {
        foreach (HeapSegment segment in View.Segments.ToList())
        {
            GiveUp(segment);
        }

        DropSpares(isDisposing: false);
    }

    /// <summary>Returns the ranges to flush so that every block stored until now is durable.</summary>
    /// <param name="withHeads">Whether to include the header words of each segment, which matter only for a map that is closed.</param>
    public List<FlushRange> Dirty(bool withHeads = false)
    {
        const long Page = MapFormat.PageBytes;
        List<FlushRange> dirty = [];
        foreach (HeapSegment segment in View.Segments.ToList())
        {
            long tail = segment.Tail;
            if (tail > segment.FlushedTo)
            {
                dirty.Add(new FlushRange(segment, segment.FlushedTo & -Page,
                    Math.Min((tail + Page - 1) & -Page, segment.Memory.Region.Length), tail));
            }

            if (withHeads && segment.IsHeadDirty)
            {
                dirty.Add(new FlushRange(segment, 0, Page, 0));
                segment.IsHeadDirty = false;
            }
        }

        return dirty;
    }

    /// <summary>Records that the ranges returned by <see cref="Dirty"/> are durable.</summary>
    public static void NoteFlushed(List<FlushRange> ranges)
    {
        foreach (FlushRange range in ranges)
        {
            // Only the bytes up to the tail are durable: the rest of the last page may have been written to since.
            range.Segment.FlushedTo = Math.Max(range.Segment.FlushedTo, range.Tail);
        }
    }

    /// <summary>Deletes the spare files, after waiting for a file that is being created.</summary>
    public void DropSpares(bool isDisposing)
    {
        _supply.Stop(isDisposing);
        NoteFigures();
    }

    /// <summary>Replaces the counts of live bytes, after they were found to be wrong.</summary>
    public void Recount(Dictionary<long, long> liveBytes)
    {
        LiveBytes = 0;
        foreach (HeapSegment segment in View.Segments.ToList())
        {
            segment.LiveBytes = liveBytes.GetValueOrDefault(segment.Id);
            segment.IsHeadDirty = true;
            LiveBytes += segment.LiveBytes;
        }
    }

    public void NoteFigures() => meta.SetFigures(LiveBytes, Bytes, View.Segments.Count);

    private HeapSegment? ChangeLive(BlockRef at, long bytes)
    {
        HeapSegment? segment = View.Segment(at.Segment);
        if (segment is not null)
        {
            segment.LiveBytes += bytes;
            segment.IsHeadDirty = true;
            LiveBytes += bytes;
            meta.SetLiveBytes(LiveBytes);
        }

        return segment;
    }

    private long BytesOf(BlockKind kind, int keyBytes, int valueBytes) =>
        kind == BlockKind.List ? BlockLayout.BytesOf(keyBytes, valueBytes) : EntryBytes(keyBytes, valueBytes);

    private HeapSegment Take(long bytes, out long offset)
    {
        HeapSegment segment = Reserve(ref _open, bytes);
        offset = segment.Take(bytes);
        return segment;
    }

    private void PrepareAhead(HeapSegment segment)
    {
        if (segment == _open && segment.Room < segment.Capacity / 4)
        {
            _supply.PrepareAhead(NewSegmentBytes);
        }
    }

    private HeapSegment Reserve(ref HeapSegment? open, long bytes)
    {
        if (open is { } current && current.Room >= bytes)
        {
            return current;
        }

        long wanted = NewSegmentBytes;
        long least = bytes + SegmentLayout.BlocksStart;
        if (bytes > wanted / SingleBlockPart)
        {
            return Begin(_supply.Take(least, least, least + (least / SingleBlockPart) + MapFormat.PageBytes), isSingle: true);
        }

        open = Begin(_supply.Take(wanted / 2, wanted, wanted * 2), isSingle: false);
        meta.OpenSegment = _open?.Id ?? 0;
        return open;
    }

    private HeapSegment Begin(Spare spare, bool isSingle)
    {
        long id = meta.NextSegment;
        for (int tries = 0; View.Segments.IsPlaceTaken(id); tries++, id++)
        {
            if (tries == HeapFormat.MaxSegments)
            {
                string path = source.Describe(HeapFormat.SegmentPrefix + "*");
                throw new EstreamStorageException(
                    $"'{path}' has reached the limit of {tries} files. Open the map with a larger ByteMapOptions.SegmentBytes.", path,
                    StorageFailure.Other);
            }
        }

        try
        {
            meta.NextSegment = id + 1;
            string name = HeapFormat.SegmentFile(id);
            HeapSegment segment = HeapSegment.Begin(spare.Memory, source.Describe(name), id, isSingle, keys?.Current);
            source.Rename(spare.Name, name);
            View.Segments.Add(segment);
            _capacity += segment.Capacity;
            _mappedBytes += spare.Length;
            NoteFigures();
            return segment;
        }
        catch
        {
            _supply.Give(spare, NewSegmentBytes, long.MaxValue);
            throw;
        }
    }
}
