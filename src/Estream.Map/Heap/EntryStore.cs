using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// The entry operations of a ByteMap's only writer. Each takes effect by one store of a reference in the index: before the store
/// nothing has changed, and after it the operation is complete. Only counts are updated later.
/// </summary>
internal sealed partial class EntryStore(
    StateMap<nuint, nuint> index, Heap heap, ByteMeta meta, Compactor compactor, ByteHash hash, string place, IChangeSink? sink)
{
    /// <summary>Stores a value, if the key is new or may be replaced.</summary>
    /// <returns>Whether the map had the key.</returns>
    public bool Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool mayReplace)
    {
        if (mayReplace)
        {
            return Put(key, value);
        }

        if (!Locate(key, out LocatedEntry entry))
        {
            Store(in entry, key, value);
        }

        return entry.IsThere;
    }

    // In a large map, the index bucket of the key and the replaced block are not in a cache. Each prefetch overlaps with work: the bucket
    // with the compaction, the replaced block with writing the new block.
    private bool Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        nuint keyHash = hash.Of(key);
        index.Prefetch([keyHash]);
        ResolveFeedIntent();
        long bytes = heap.EntryBytes(key.Length, value.Length);
        compactor.Work(bytes);
        BlockRef root = RootOf(keyHash);
        heap.View.Prefetch(root);
        BlockRef block = heap.Append(BlockKind.Entry, key, value);
        LocatedEntry entry;
        try
        {
            Locate(key, keyHash, root, out entry);
        }
        catch
        {
            // The entry is damaged. Nothing refers to the new block.
            heap.AddLive(block, bytes);
            heap.Free(block, bytes);
            throw;
        }

        PublishPut(block, key, default, value);
        Refer(in entry, block, bytes);
        return entry.IsThere;
    }

    /// <returns>Whether the key had the expected value, which was then replaced.</returns>
    public bool CompareExchange(ReadOnlySpan<byte> key, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> replacement)
    {
        if (!Locate(key, out LocatedEntry entry))
        {
            return false;
        }

        if (!HasValue(in entry, expected))
        {
            return false;
        }

        Store(in entry, key, replacement);
        return true;
    }

    public bool Remove(ReadOnlySpan<byte> key)
    {
        bool isThere = Locate(key, out LocatedEntry entry);
        if (isThere)
        {
            Remove(in entry, key, MapChangeKind.Remove);
        }

        return isThere;
    }

    /// <summary>Looks a key up.</summary>
    /// <returns>Whether the map has the key.</returns>
    public bool Locate(ReadOnlySpan<byte> key, out LocatedEntry entry)
    {
        nuint keyHash = hash.Of(key);
        return Locate(key, keyHash, RootOf(keyHash), out entry);
    }

    // Returns the reference of the index for a hash, or the default if it has none. Throws if the stored reference is the default.
    private BlockRef RootOf(nuint keyHash)
    {
        if (!index.TryGet(in keyHash, out nuint word))
        {
            return default;
        }

        BlockRef root = new(word);
        if (root == default)
        {
            HeapErrors.NoSuchBlock(place, root);
        }

        return root;
    }

    private bool Locate(ReadOnlySpan<byte> key, nuint keyHash, BlockRef root, out LocatedEntry entry)
    {
        entry = default;
        entry.Hash = keyHash;
        entry.Root = root;
        BlockOutcome outcome = root != default ? heap.View.Find(root, key, out entry.Found) : BlockOutcome.OtherKey;
        if (outcome is not (BlockOutcome.Found or BlockOutcome.OtherKey))
        {
            HeapErrors.NoSuchBlock(place, root);
        }

        entry.IsThere = outcome == BlockOutcome.Found;
        return entry.IsThere;
    }

    /// <summary>Stores a value under a key that was looked up.</summary>
    public void Store(in LocatedEntry entry, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        ResolveFeedIntent();
        BlockRef block = heap.Append(BlockKind.Entry, key, value);
        PublishPut(block, key, default, value);
        Install(in entry, block, heap.EntryBytes(key.Length, value.Length));
    }

    /// <summary>Stores a value under a key that was looked up, in a map whose values have stamps.</summary>
    public void Store(in LocatedEntry entry, ReadOnlySpan<byte> key, in Stamp stamp, ReadOnlySpan<byte> value)
    {
        ResolveFeedIntent();
        BlockRef block = heap.Append(key, in stamp, value);
        PublishPut(block, key, in stamp, value);
        Install(in entry, block, heap.EntryBytes(key.Length, Stamp.Bytes + value.Length));
    }

    /// <summary>Removes an entry that was found.</summary>
    public void Remove(in LocatedEntry entry, ReadOnlySpan<byte> key, MapChangeKind kind)
    {
        FoundBlock old = entry.Found;
        ResolveFeedIntent();
        PublishRemove(old.At, key, kind);
        if (old.Member < 0)
        {
            index.Remove(in entry.Hash);
        }
        else
        {
            RemoveMember(entry.Hash, entry.Root, old.Member);
        }

        ClearFeedIntent();
        heap.Free(old.At, old.Head.Bytes);
        compactor.Work(old.Head.Bytes);
    }

    // The checksum is verified only if the values differ, because damage may be the reason.
    private bool HasValue(in LocatedEntry entry, ReadOnlySpan<byte> expected)
    {
        FoundBlock found = entry.Found;
        bool isExpected = found.Segment.HasValue(found.At, in found.Head, expected);
        if (!isExpected && !found.Segment.IsChecked(found.At, in found.Head))
        {
            HeapErrors.NoSuchBlock(place, found.At);
        }

        return isExpected;
    }

    private void Install(in LocatedEntry entry, BlockRef block, long bytes)
    {
        Refer(in entry, block, bytes);
        compactor.Work(bytes);
    }

    private void Refer(in LocatedEntry entry, BlockRef block, long bytes)
    {
        bool isAlone = entry.Root == default || (entry.IsThere && entry.Found.Member < 0);
        if (isAlone)
        {
            // Release: the block is stored before the reference that leads to it.
            index.Put(in entry.Hash, block.Word);
        }
        else
        {
            PutMember(entry.Hash, entry.Root, entry.IsThere ? entry.Found.Member : -1, block);
        }

        ClearFeedIntent();
        heap.AddLive(block, bytes);
        if (entry.IsThere)
        {
            heap.Free(entry.Found.At, entry.Found.Head.Bytes);
        }
    }

    private void PutMember(nuint keyHash, BlockRef root, int member, BlockRef block)
    {
        Span<byte> buffer = stackalloc byte[BlockRefList.MaxBytes + sizeof(long)];
        Span<byte> members = ReadMembers(root, buffer);
        if (member >= 0)
        {
            BlockRefList.Set(members, member, block);
            Exchange(keyHash, root, members);
            return;
        }

        if (BlockRefList.CountOf(members) == BlockRefList.MaxMembers)
        {
            HeapErrors.TooManyCollisions();
        }

        members = buffer[..(members.Length + sizeof(long))];
        BlockRefList.Set(members, BlockRefList.CountOf(members) - 1, block);
        long collisions = meta.Collisions;
        meta.SetCollisions(collisions, isChanging: true);
        Exchange(keyHash, root, members);
        meta.SetCollisions(collisions + 1, isChanging: false);
    }

    private void RemoveMember(nuint keyHash, BlockRef root, int member)
    {
        Span<byte> buffer = stackalloc byte[BlockRefList.MaxBytes];
        Span<byte> members = BlockRefList.Without(ReadMembers(root, buffer), member);
        long collisions = meta.Collisions;
        meta.SetCollisions(collisions, isChanging: true);
        Exchange(keyHash, root, members);
        meta.SetCollisions(collisions - 1, isChanging: false);
    }

    // Returns the members of a collision list, or the single entry of the hash.
    private Span<byte> ReadMembers(BlockRef root, Span<byte> buffer)
    {
        if (!root.IsList)
        {
            BlockRefList.Set(buffer, 0, root);
            return buffer[..sizeof(long)];
        }

        if (heap.View.ReadList(root, buffer, out Span<byte> members) != BlockOutcome.Found)
        {
            HeapErrors.NoSuchBlock(place, root);
        }

        return members;
    }

    private void Exchange(nuint keyHash, BlockRef root, ReadOnlySpan<byte> members)
    {
        bool isAlone = BlockRefList.CountOf(members) == 1;
        BlockRef next = isAlone ? BlockRefList.At(members, 0) : heap.Append(BlockKind.List, default, members);
        index.Put(in keyHash, next.Word);
        if (!isAlone)
        {
            heap.AddLive(next, BlockLayout.BytesOf(0, members.Length));
        }

        if (root.IsList)
        {
            heap.Free(root, BytesAt(root));
        }
    }
}

/// <summary>The result of a lookup by the writer of a byte map.</summary>
internal struct LocatedEntry
{
    public nuint Hash;

    /// <summary>The reference that the index has for the hash; the default if it has none.</summary>
    public BlockRef Root;

    public bool IsThere;

    /// <summary>The entry, if <see cref="IsThere"/>.</summary>
    public FoundBlock Found;
}
