namespace Estream.Map.Internal;

/// <summary>
/// The heap segments that a snapshot reads. While they are pinned and the map is open, the writer does not overwrite them. A segment
/// released meanwhile is unlinked but stays mapped. The next writer does not know of the pins.
/// </summary>
internal sealed class PinnedHeap
{
    private readonly ByteMap _map;
    private int _pins = 1;

    private PinnedHeap(ByteMap map, HeapView view)
    {
        _map = map;
        View = view;
    }

    public HeapView View { get; }

    /// <summary>Pins all segments; for the writer, which has all of them open.</summary>
    public static PinnedHeap Of(ByteMap map, HeapView view)
    {
        var pinned = new HeapView(reopened: null, view.Identity, keys: null);
        foreach (HeapSegment segment in view.Segments.ToList())
        {
            segment.Memory.Pin();
            pinned.Segments.Add(segment.Pinned());
        }

        return new PinnedHeap(map, pinned);
    }

    /// <exception cref="ObjectDisposedException">The map was disposed, so the next writer may overwrite the segments.</exception>
    public void RequireOpen() => _map.RequireOpen();

    /// <summary>Adds a reference.</summary>
    public void Share() => Interlocked.Increment(ref _pins);

    /// <summary>Removes a reference, and unpins the segments with the last one.</summary>
    public void Unpin()
    {
        if (Interlocked.Decrement(ref _pins) == 0)
        {
            View.Segments.ToList().ForEach(segment => segment.Memory.Unpin());
        }
    }

    /// <summary>The key of an entry, in place if it is not sealed, valid until the release.</summary>
    /// <param name="at">The entry.</param>
    /// <param name="place">The map, for errors.</param>
    /// <param name="hash">The hash that the index has for the entry, which a sealed entry must have; null if that was checked
    /// before.</param>
    /// <exception cref="Core.EstreamCorruptionException">There is no such entry, so the files are damaged.</exception>
    public HeldBytes HoldKey(BlockRef at, string place, nuint? hash = null)
    {
        HeldBytes key = default;
        if (View.Segments.Find(at.Segment) is not { } segment || !segment.TryHoldKey(at, out key) || !segment.IsPlaced(key.Span, hash))
        {
            key.Dispose();
            HeapErrors.NoSuchBlock(place, at);
        }

        return key;
    }

    /// <summary>Whether an entry whose value has a stamp had expired at a moment.</summary>
    /// <exception cref="Core.EstreamCorruptionException">There is no such entry, so the files are damaged.</exception>
    public bool IsOver(BlockRef at, long moment, string place)
    {
        Stamp stamp = default;
        if (View.Segments.Find(at.Segment) is not { } segment || segment.ReadHead(at, out BlockHead head) != BlockOutcome.Found
            || segment.ReadStamp(at, in head, moment, out stamp) != BlockOutcome.Found)
        {
            HeapErrors.NoSuchBlock(place, at);
        }

        return Stamp.IsOver(stamp.ExpiresAt, moment);
    }

    /// <summary>Replaces the copies by the entry of a reference, or by all entries of a list.</summary>
    /// <exception cref="Core.EstreamCorruptionException">There is no such entry, so the files are damaged. Nothing is copied.</exception>
    public void CopyAll(BlockRef root, nuint? hash, ref EntryCopies copies, string place)
    {
        copies.Clear();
        if (View.CopyAll(root, hash, ref copies) != BlockOutcome.Found)
        {
            copies.Clear();
            HeapErrors.NoSuchBlock(place, root);
        }
    }

    /// <summary>Adds the entry of a reference, or all entries of its list, to the members.</summary>
    public void AddMembers(BlockRef root, List<BlockRef> members, string place)
    {
        if (!root.IsList)
        {
            members.Add(root);
            return;
        }

        Span<byte> buffer = stackalloc byte[BlockRefList.MaxBytes];
        if (View.ReadList(root, buffer, out Span<byte> list) != BlockOutcome.Found)
        {
            HeapErrors.NoSuchBlock(place, root);
        }

        for (int member = 0; member < BlockRefList.CountOf(list); member++)
        {
            members.Add(BlockRefList.At(list, member));
        }
    }
}

/// <summary>The reference of one snapshot to pinned segments, until <see cref="Release"/>. A mutable struct: do not copy it.</summary>
internal struct HeapPin(PinnedHeap heap)
{
    private int _isReleased;

    public readonly PinnedHeap Heap => heap;

    /// <exception cref="ObjectDisposedException">The snapshot or its map was disposed.</exception>
    public readonly void RequireAlive()
    {
        if (Volatile.Read(in _isReleased) != 0)
        {
            ThrowHelper.SnapshotDisposed();
        }

        heap.RequireOpen();
    }

    /// <summary>Disposes the index of the snapshot, then unpins the segments. Only the first call has an effect.</summary>
    public void Release(IDisposable index)
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 0)
        {
            index.Dispose();
            heap.Unpin();
        }
    }
}
