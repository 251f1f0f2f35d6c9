using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// What the one writer of a ByteMap does to an entry. Whatever it is, one store of a reference in the index makes the difference: before
/// it, everything is as it was, and after it, everything is done. Only counts are set behind it.
/// </summary>
internal sealed class EntryStore(StateMap<nuint, nuint> index, Heap heap, ByteMeta meta, Compactor compactor, ByteHash hash, string place)
{
    /// <summary>Stores a value, if the key is new or may be replaced.</summary>
    /// <returns>Whether the key was there.</returns>
    public bool Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool mayReplace)
    {
        nuint keyHash = hash.Of(key);
        bool isThere = Locate(keyHash, key, out BlockRef root, out FoundBlock old);
        if (!isThere || mayReplace)
        {
            Store(keyHash, root, isThere, in old, key, value);
        }

        return isThere;
    }

    /// <returns>Whether the key had the expected value, and has the other now.</returns>
    public bool CompareExchange(ReadOnlySpan<byte> key, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> replacement)
    {
        nuint keyHash = hash.Of(key);
        if (!Locate(keyHash, key, out BlockRef root, out FoundBlock old))
        {
            return false;
        }

        if (!old.Segment.HasValue(old.At, in old.Head, expected))
        {
            if (!old.Segment.IsChecked(old.At, in old.Head))
            {
                HeapErrors.NoSuchBlock(place, old.At);
            }

            return false;
        }

        Store(keyHash, root, isThere: true, in old, key, replacement);
        return true;
    }

    public bool Remove(ReadOnlySpan<byte> key)
    {
        nuint keyHash = hash.Of(key);
        if (!Locate(keyHash, key, out BlockRef root, out FoundBlock old))
        {
            return false;
        }

        if (old.Member < 0)
        {
            index.Remove(in keyHash);
        }
        else
        {
            RemoveMember(keyHash, root, old.Member);
        }

        heap.Free(old.At, old.Head.Bytes);
        compactor.AfterWrite(old.Head.Bytes);
        return true;
    }

    private bool Locate(nuint keyHash, ReadOnlySpan<byte> key, out BlockRef root, out FoundBlock found)
    {
        found = default;
        bool isTaken = index.TryGet(in keyHash, out nuint word);
        root = new BlockRef(word);
        BlockOutcome outcome = isTaken ? heap.View.Find(root, key, out found) : BlockOutcome.OtherKey;
        if (outcome is not (BlockOutcome.Found or BlockOutcome.OtherKey))
        {
            HeapErrors.NoSuchBlock(place, root);
        }

        return outcome == BlockOutcome.Found;
    }

    private void Store(nuint keyHash, BlockRef root, bool isThere, in FoundBlock old, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        BlockRef block = heap.Append(BlockKind.Entry, key, value);
        bool isAlone = root == default || (isThere && old.Member < 0);
        if (isAlone)
        {
            // Release: the block is stored before the reference that leads to it.
            index.Put(in keyHash, block.Word);
        }
        else
        {
            PutMember(keyHash, root, isThere ? old.Member : -1, block);
        }

        long bytes = BlockLayout.BytesOf(key.Length, value.Length);
        heap.AddLive(block, bytes);
        if (isThere)
        {
            heap.Free(old.At, old.Head.Bytes);
        }

        compactor.AfterWrite(bytes);
    }

    private void PutMember(nuint keyHash, BlockRef root, int member, BlockRef block)
    {
        Span<byte> buffer = stackalloc byte[Bundle.MaxBytes + sizeof(long)];
        Span<byte> members = ReadMembers(root, buffer);
        if (member >= 0)
        {
            Bundle.Set(members, member, block);
            Exchange(keyHash, root, members);
            return;
        }

        if (Bundle.CountOf(members) == Bundle.MaxMembers)
        {
            HeapErrors.TooManyCollisions();
        }

        members = buffer[..(members.Length + sizeof(long))];
        Bundle.Set(members, Bundle.CountOf(members) - 1, block);
        long collisions = meta.Collisions;
        meta.SetCollisions(collisions, isChanging: true);
        Exchange(keyHash, root, members);
        meta.SetCollisions(collisions + 1, isChanging: false);
    }

    private void RemoveMember(nuint keyHash, BlockRef root, int member)
    {
        Span<byte> buffer = stackalloc byte[Bundle.MaxBytes];
        Span<byte> members = Bundle.Without(ReadMembers(root, buffer), member);
        long collisions = meta.Collisions;
        meta.SetCollisions(collisions, isChanging: true);
        Exchange(keyHash, root, members);
        meta.SetCollisions(collisions - 1, isChanging: false);
    }

    // The members of a bundle, or the one entry that has the hash alone so far.
    private Span<byte> ReadMembers(BlockRef root, Span<byte> buffer)
    {
        if (!root.IsBundle)
        {
            Bundle.Set(buffer, 0, root);
            return buffer[..sizeof(long)];
        }

        if (heap.View.ReadBundle(root, buffer, out Span<byte> members) != BlockOutcome.Found)
        {
            HeapErrors.NoSuchBlock(place, root);
        }

        return members;
    }

    private void Exchange(nuint keyHash, BlockRef root, ReadOnlySpan<byte> members)
    {
        bool isAlone = Bundle.CountOf(members) == 1;
        BlockRef next = isAlone ? Bundle.At(members, 0) : heap.Append(BlockKind.Bundle, default, members);
        index.Put(in keyHash, next.Word);
        if (!isAlone)
        {
            heap.AddLive(next, BlockLayout.BytesOf(0, members.Length));
        }

        if (root.IsBundle && heap.View.Segment(root.Segment) is { } segment && segment.ReadHead(root, out BlockHead head) == BlockOutcome.Found)
        {
            heap.Free(root, head.Bytes);
        }
    }
}
