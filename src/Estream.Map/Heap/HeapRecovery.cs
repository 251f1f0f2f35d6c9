namespace Estream.Map.Internal;

/// <summary>The work of the first writer after a power cut: keeps the entries of the index whose blocks are whole.</summary>
internal sealed class HeapRecovery(StateMap<nuint, nuint> index, Heap heap, ByteMeta meta, ByteHash hash)
{
    private readonly Dictionary<long, long> _liveBytes = [];
    private long _collisions;
    private long _lastSegment;

    /// <summary>Reads every block. Removes entries whose block is missing or damaged, and recounts everything.</summary>
    public void Run()
    {
        foreach ((nuint keyHash, nuint word) in index)
        {
            BlockRef root = new(word);
            _lastSegment = Math.Max(_lastSegment, root.Segment);
            if (IsWhole(keyHash, root))
            {
                AddUp(root);
            }
            else
            {
                // The index has each hash only once: entries that no search reaches were removed when it was opened.
                index.Remove(in keyHash);
            }
        }

        heap.Recount(_liveBytes);
        meta.NextSegment = Math.Max(meta.NextSegment, _lastSegment + 1);
        meta.SetCollisions(_collisions, isChanging: false);
        heap.NoteFigures();
    }

    /// <summary>Recounts live bytes and collisions, after a writer died during a batch or while it changed the number of
    /// collisions.</summary>
    public void Count()
    {
        foreach ((nuint _, nuint word) in index)
        {
            AddUp(new BlockRef(word));
        }

        heap.Recount(_liveBytes);
        meta.SetCollisions(_collisions, isChanging: false);
    }

    private bool IsWhole(nuint keyHash, BlockRef root)
    {
        if (!root.IsList)
        {
            return heap.View.Segment(root.Segment) is { } segment
                && segment.ReadHead(root, out BlockHead head) == BlockOutcome.Found
                && segment.IsChecked(root, in head)
                && segment.HashOf(root, in head, in hash) == keyHash;
        }

        Span<byte> buffer = stackalloc byte[BlockRefList.MaxBytes];
        bool isWhole = heap.View.ReadList(root, buffer, out Span<byte> members) == BlockOutcome.Found;
        for (int member = 0; isWhole && member < BlockRefList.CountOf(members); member++)
        {
            BlockRef at = BlockRefList.At(members, member);
            isWhole = !at.IsList && IsWhole(keyHash, at);
        }

        return isWhole;
    }

    // Blocks that cannot be read are not counted; reading such an entry reports the damage.
    private void AddUp(BlockRef root)
    {
        AddUpBlock(root);
        Span<byte> buffer = stackalloc byte[BlockRefList.MaxBytes];
        if (!root.IsList || heap.View.ReadList(root, buffer, out Span<byte> members) != BlockOutcome.Found)
        {
            return;
        }

        _collisions += BlockRefList.CountOf(members) - 1;
        for (int member = 0; member < BlockRefList.CountOf(members); member++)
        {
            // A list in a list is damage, and may form a cycle.
            BlockRef at = BlockRefList.At(members, member);
            if (!at.IsList)
            {
                AddUpBlock(at);
            }
        }
    }

    private void AddUpBlock(BlockRef at)
    {
        if (heap.View.Segment(at.Segment) is { } segment && segment.ReadHead(at, out BlockHead head) == BlockOutcome.Found)
        {
            _liveBytes[at.Segment] = _liveBytes.GetValueOrDefault(at.Segment) + head.Bytes;
        }
    }
}
