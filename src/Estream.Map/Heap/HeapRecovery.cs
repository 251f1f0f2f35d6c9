namespace Estream.Map.Internal;

/// <summary>What the first writer after a power cut does: of what the index refers to, it keeps what is whole.</summary>
internal sealed class HeapRecovery(StateMap<nuint, nuint> index, Heap heap, ByteMeta meta, ByteHash hash)
{
    private readonly Dictionary<long, long> _liveBytes = [];
    private long _collisions;
    private long _lastSegment;

    /// <summary>Looks at every block. Entries whose block is not what was stored are removed; counts are set anew.</summary>
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
                // The index has each hash in one place: it frees what no search gets to before anybody sees it.
                index.Remove(in keyHash);
            }
        }

        heap.Recount(_liveBytes);
        meta.NextSegment = Math.Max(meta.NextSegment, _lastSegment + 1);
        meta.SetCollisions(_collisions, isChanging: false);
        heap.NoteFigures();
    }

    /// <summary>Counts everything anew that is counted, for a writer that died in the middle of a batch, or while it changed how many
    /// entries share their hash with another.</summary>
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

    // What cannot be read is left to whoever asks for it.
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
            // A bundle in a bundle is damage, and may lead back here.
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
