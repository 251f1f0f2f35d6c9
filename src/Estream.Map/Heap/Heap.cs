using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>A part of a segment that is to be written to the device, and how far its blocks went then.</summary>
internal readonly record struct FlushRange(HeapSegment Segment, long From, long To, long Tail)
{
    public void Flush() => Segment.Memory.Region.Flush(From, To - From);
}

/// <summary>
/// What the one writer does with blocks: it appends them to the open segment, counts which bytes are live, and gives up segments in which
/// nothing is. Blocks that were moved have an open segment of their own, since what has lived long usually goes on.
/// </summary>
internal sealed class Heap(HeapView view, ByteMeta meta, RegionSource source, long maxSegmentBytes)
{
    /// <summary>Segments have about this part of the live bytes, between the first size and the largest.</summary>
    private const int SegmentsPerHeap = 16;

    /// <summary>A block of more than this part of a segment has one of its own, so that closing a segment early wastes less than
    /// that.</summary>
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

    /// <summary>The bytes of blocks that cannot be found any more, and of what was left free at the end of segments.</summary>
    public long DeadBytes => _capacity - LiveBytes - (_open?.Room ?? 0) - (_survivors?.Room ?? 0);

    /// <summary>The memory of the two segments that are being filled: what is dead in them cannot be given back yet.</summary>
    public long OpenBytes => (_open?.Capacity ?? 0) + (_survivors?.Capacity ?? 0);

    /// <summary>The space of all files.</summary>
    public long Bytes => _mappedBytes + _supply.Bytes;

    public long NewSegmentBytes =>
        Math.Clamp(LiveBytes / SegmentsPerHeap & -MapFormat.PageBytes, Math.Min(HeapFormat.FirstSegmentBytes, _maxSegmentBytes),
            _maxSegmentBytes);

    /// <summary>Takes over a segment that was found when the map was opened.</summary>
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

    /// <summary>Stores a block. It is not live before somebody can find it: see <see cref="AddLive"/>.</summary>
    /// <exception cref="EstreamStorageException">A new segment was needed and the disk is full, or the device reported an error. Nothing
    /// changed.</exception>
    public BlockRef Append(BlockKind kind, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        HeapSegment segment = Take(BlockLayout.BytesOf(key.Length, value.Length), out long offset);
        segment.Write(offset, kind, key, value);
        PrepareAhead(segment);
        return BlockRef.Of(segment.Id, offset, kind == BlockKind.List);
    }

    /// <summary>The same, of an entry whose value begins with a stamp.</summary>
    /// <exception cref="EstreamStorageException">As for
    /// <see cref="Append(BlockKind, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>.</exception>
    public BlockRef Append(ReadOnlySpan<byte> key, in Stamp stamp, ReadOnlySpan<byte> value)
    {
        HeapSegment segment = Take(BlockLayout.BytesOf(key.Length, Stamp.Bytes + value.Length), out long offset);
        segment.Write(offset, key, in stamp, value);
        PrepareAhead(segment);
        return BlockRef.Of(segment.Id, offset, isList: false);
    }

    /// <summary>Copies a block to the segment of those that were moved.</summary>
    public BlockRef Move(HeapSegment from, BlockRef at, in BlockHead head)
    {
        HeapSegment segment = Reserve(ref _survivors, head.Bytes);
        long offset = segment.Take(head.Bytes);
        segment.WriteCopy(offset, from, at, in head);
        return BlockRef.Of(segment.Id, offset, at.IsList);
    }

    /// <summary>A block can be found now; or, with a negative number, it cannot any more.</summary>
    public void AddLive(BlockRef at, long bytes) => ChangeLive(at, bytes);

    /// <summary>A block cannot be found any more. One that had a segment of its own takes that with it.</summary>
    public void Free(BlockRef at, long bytes)
    {
        HeapSegment? segment = ChangeLive(at, -bytes);
        if (segment is { IsSingle: true })
        {
            GiveUp(segment);
        }
    }

    /// <summary>Whether blocks still go to a segment.</summary>
    public bool IsOpen(HeapSegment segment) => segment == _open || segment == _survivors;

    /// <summary>Lets the open segments be emptied like the others, all or those that have become far too large.</summary>
    public void Close(bool all)
    {
        _open = all || _open?.Capacity > NewSegmentBytes * 4 ? null : _open;
        _survivors = all || _survivors?.Capacity > NewSegmentBytes * 4 ? null : _survivors;
    }

    /// <summary>Gives a segment up, to which nothing refers any more, and keeps its memory for the next one, unless a snapshot looks at
    /// it.</summary>
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
            // First the name, so that a process that dies here leaves no segment with a number that is not its own.
            TakeName(segment, isPinned ? null : spare);
        }
        catch (EstreamStorageException)
        {
            // It stays, with nothing in it, until it is tried again.
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
            _supply.Give(new Spare(segment.Memory, spare), NewSegmentBytes * 2);
        }

        NoteFigures();
    }

    // What a snapshot looks at is not written over, so nobody needs the file any more.
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

    /// <summary>Gives up everything: nothing refers to any of it.</summary>
    public void GiveUpAll()
    {
        foreach (HeapSegment segment in View.Segments.ToList())
        {
            GiveUp(segment);
        }

        DropSpares(isDisposing: false);
    }

    /// <summary>What has to be written to the device so that it has every block stored until now.</summary>
    /// <param name="withHeads">Also the words at the start of each segment, which matter only for a map that is closed.</param>
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

    /// <summary>Notes that what <see cref="Dirty"/> named is on the device.</summary>
    public static void NoteFlushed(List<FlushRange> ranges)
    {
        foreach (FlushRange range in ranges)
        {
            // Not up to the end of the range: its last page may have been written to since.
            range.Segment.FlushedTo = Math.Max(range.Segment.FlushedTo, range.Tail);
        }
    }

    /// <summary>Deletes spare files and waits for the one being made.</summary>
    public void DropSpares(bool isDisposing)
    {
        _supply.Stop(isDisposing);
        NoteFigures();
    }

    /// <summary>Sets the counts of live bytes anew, after they were found to be wrong.</summary>
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
            HeapSegment segment = HeapSegment.Begin(spare.Memory, source.Describe(name), id, isSingle);
            source.Rename(spare.Name, name);
            View.Segments.Add(segment);
            _capacity += segment.Capacity;
            _mappedBytes += spare.Length;
            NoteFigures();
            return segment;
        }
        catch
        {
            _supply.Give(spare, long.MaxValue);
            throw;
        }
    }
}
