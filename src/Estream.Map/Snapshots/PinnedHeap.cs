namespace Estream.Map.Internal;

/// <summary>
/// The segments a snapshot looks at. As long as they are held and the map is open nobody writes over them: one that is given up meanwhile
/// loses its file and not its memory.
/// The next writer knows nothing of it.
/// </summary>
internal sealed class PinnedHeap
{
    private readonly ByteMap _map;
    private int _holders = 1;

    private PinnedHeap(ByteMap map, HeapView view)
    {
        _map = map;
        View = view;
    }

    public HeapView View { get; }

    /// <summary>Holds all segments there are; for the writer, who has them all.</summary>
    public static PinnedHeap Of(ByteMap map, HeapView view)
    {
        var held = new HeapView(reopened: null, view.Identity);
        foreach (HeapSegment segment in view.Segments.ToList())
        {
            segment.Memory.Hold();
            held.Segments.Add(segment.Held());
        }

        return new PinnedHeap(map, held);
    }

    /// <exception cref="ObjectDisposedException">The map was disposed, so that the next writer may be at the segments.</exception>
    public void RequireOpen() => _map.RequireOpen();

    /// <summary>Somebody else looks at it too.</summary>
    public void Share() => Interlocked.Increment(ref _holders);

    /// <summary>The last one to let go gives everything back.</summary>
    public void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            View.Segments.ToList().ForEach(segment => segment.Memory.LetGo());
        }
    }

    /// <summary>The key of an entry, in its place, until this is let go of.</summary>
    /// <exception cref="Core.EstreamCorruptionException">There is no such entry, so the files were damaged.</exception>
    public ReadOnlySpan<byte> KeyAt(BlockRef at, string place)
    {
        ReadOnlySpan<byte> key = default;
        if (View.Segments.Find(at.Segment) is not { } segment || !segment.TryGetKey(at, out key))
        {
            HeapErrors.NoSuchBlock(place, at);
        }

        return key;
    }

    /// <summary>Whether an entry whose value has a stamp was over at a moment.</summary>
    /// <exception cref="Core.EstreamCorruptionException">There is no such entry, so the files were damaged.</exception>
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

    /// <summary>Copies the entry a reference leads to, or all members of a bundle, in the place of what was copied before.</summary>
    /// <exception cref="Core.EstreamCorruptionException">There is no such entry, so the files were damaged. Nothing is copied.</exception>
    public void CopyAll(BlockRef root, ref EntryCopies copies, string place)
    {
        copies.Clear();
        if (View.CopyAll(root, ref copies) != BlockOutcome.Found)
        {
            copies.Clear();
            HeapErrors.NoSuchBlock(place, root);
        }
    }

    /// <summary>Adds what a reference leads to, or all members of a bundle, to a list.</summary>
    public void AddMembers(BlockRef root, List<BlockRef> members, string place)
    {
        if (!root.IsBundle)
        {
            members.Add(root);
            return;
        }

        Span<byte> buffer = stackalloc byte[Bundle.MaxBytes];
        if (View.ReadBundle(root, buffer, out Span<byte> bundle) != BlockOutcome.Found)
        {
            HeapErrors.NoSuchBlock(place, root);
        }

        for (int member = 0; member < Bundle.CountOf(bundle); member++)
        {
            members.Add(Bundle.At(bundle, member));
        }
    }
}
