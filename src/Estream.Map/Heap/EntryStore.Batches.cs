using Estream.Core;

namespace Estream.Map.Internal;

// Several keys in one step. The blocks of all of them are stored first, where nobody finds them, and then a batch of the index, which a
// kill leaves whole or not at all, changes all references.
internal sealed partial class EntryStore
{
    // What attempts that were refused have stored, and the compactor has not heard of.
    private long _refusedBytes;

    /// <summary>Lets the space be used again that attempts have taken which were refused, or who tries again and again would fill the disk.
    /// Before anything is looked up, since it may be moved.</summary>
    public void Reclaim()
    {
        if (_refusedBytes > 0)
        {
            // What is owed names blocks that nothing else refers to.
            ResolveFeedIntent();
            long bytes = _refusedBytes;
            _refusedBytes = 0;
            compactor.AfterWrite(bytes);
        }
    }

    /// <summary>Does what a batch asks for, if everything is as it requires.</summary>
    /// <param name="plan">The batch.</param>
    /// <param name="references">An empty batch of the index, of as many keys.</param>
    /// <returns>Whether it was done.</returns>
    public bool Commit(ByteBatchPlan plan, MapBatch<nuint, nuint> references)
    {
        Reclaim();
        for (int index = 0; index < plan.Count; index++)
        {
            ref ByteBatchItem item = ref plan[index];
            bool isThere = Locate(plan.KeyOf(index), out item.Entry);
            item.Outcome = item.Asked == EntryOutcome.Put || isThere ? item.Asked : EntryOutcome.Keep;
            bool isMet = item.Requirement switch
            {
                ByteRequirement.Absence => !isThere,
                ByteRequirement.Value => isThere && HasValue(in item.Entry, plan.ExpectedOf(index)),
                _ => true,
            };
            if (!isMet)
            {
                return false;
            }
        }

        Make(plan, references);
        return true;
    }

    /// <summary>Does what was found out for each item of a batch.</summary>
    public void Make(ByteBatchPlan plan, MapBatch<nuint, nuint> references)
    {
        long collisions = meta.Collisions;
        long added = 0;
        ResolveFeedIntent();
        try
        {
            AppendBlocks(plan);
            added = Refer(plan, references);
            PublishBatch(plan);

            // Also where it stays the same: who dies before everything below is counted leaves word that nothing is.
            meta.SetCollisions(collisions, isChanging: true);
            references.Commit();
        }
        catch (Exception failure)
        {
            references.Clear();
            if (failure is EstreamCorruptionException)
            {
                throw;
            }

            if (IsMade(plan))
            {
                // Behind the store that makes it, whatever failed there: the index refers to what is here.
                CountAll(plan, collisions + added);
            }
            else
            {
                meta.SetCollisions(collisions, isChanging: false);
                ReleaseBlocks(plan);
            }

            throw;
        }

        compactor.AfterWrite(CountAll(plan, collisions + added));
    }

    private long CountAll(ByteBatchPlan plan, long collisions)
    {
        ClearFeedIntent();
        long bytes = Count(plan);
        meta.SetCollisions(collisions, isChanging: false);
        return bytes;
    }

    // The first change says it for all of them: each gives its hash another reference, or takes it away.
    private bool IsMade(ByteBatchPlan plan)
    {
        for (int leader = 0; leader < plan.Count; leader++)
        {
            if (plan[leader].Leader == leader && IsChanged(plan, leader))
            {
                return (index.TryGet(in plan[leader].Hash, out nuint word) ? new BlockRef(word) : default) != plan[leader].Entry.Root;
            }
        }

        return false;
    }

    private void AppendBlocks(ByteBatchPlan plan)
    {
        plan.ForgetStored();
        for (int index = 0; index < plan.Count; index++)
        {
            ref ByteBatchItem item = ref plan[index];
            if (item.Outcome == EntryOutcome.Put)
            {
                item.Stored = meta.HasStamps
                    ? heap.Append(plan.KeyOf(index), in item.Stamp, plan.ValueOf(index))
                    : heap.Append(BlockKind.Entry, plan.KeyOf(index), plan.ValueOf(index));
            }
        }
    }

    // What the index is going to have for each hash.
    private long Refer(ByteBatchPlan plan, MapBatch<nuint, nuint> references)
    {
        Span<byte> buffer = stackalloc byte[BlockRefList.MaxBytes + sizeof(long)];
        long added = 0;
        for (int leader = 0; leader < plan.Count; leader++)
        {
            if (plan[leader].Leader != leader || !IsChanged(plan, leader))
            {
                continue;
            }

            ref ByteBatchItem item = ref plan[leader];
            Span<byte> members = item.Entry.Root == default ? [] : ReadMembers(item.Entry.Root, buffer);
            int before = BlockRefList.CountOf(members);
            members = Change(plan, leader, members, buffer);
            int after = BlockRefList.CountOf(members);
            added += Math.Max(0, after - 1) - Math.Max(0, before - 1);
            if (after == 0)
            {
                references.Remove(in item.Hash);
                continue;
            }

            item.List = after == 1 ? default : heap.Append(BlockKind.List, default, members);
            nuint word = after == 1 ? BlockRefList.At(members, 0).Word : item.List.Word;
            references.Put(in item.Hash, in word);
        }

        return added;
    }

    private static bool IsChanged(ByteBatchPlan plan, int leader)
    {
        bool isChanged = false;
        for (int index = leader; index >= 0; index = plan[index].Next)
        {
            isChanged |= plan[index].Outcome != EntryOutcome.Keep;
        }

        return isChanged;
    }

    private static Span<byte> Change(ByteBatchPlan plan, int leader, Span<byte> members, Span<byte> buffer)
    {
        for (int index = leader; index >= 0; index = plan[index].Next)
        {
            ref ByteBatchItem item = ref plan[index];
            if (item.Outcome == EntryOutcome.Keep)
            {
                continue;
            }

            int member = item.Entry.IsThere ? BlockRefList.IndexOf(members, item.Entry.Found.At) : BlockRefList.CountOf(members);
            if (item.Outcome != EntryOutcome.Put)
            {
                members = BlockRefList.Without(members, member);
                continue;
            }

            if (member == BlockRefList.MaxMembers)
            {
                HeapErrors.TooManyCollisions();
            }

            members = buffer[..Math.Max(members.Length, (member + 1) * sizeof(long))];
            BlockRefList.Set(members, member, item.Stored);
        }

        return members;
    }

    // What can be found now, and what cannot any more.
    private long Count(ByteBatchPlan plan)
    {
        long bytes = 0;
        for (int index = 0; index < plan.Count; index++)
        {
            ref ByteBatchItem item = ref plan[index];
            if (item.Stored != default)
            {
                long stored = StoredBytes(plan, index);
                heap.AddLive(item.Stored, stored);
                bytes += stored;
            }

            if (item.Outcome != EntryOutcome.Keep && item.Entry.IsThere)
            {
                long freed = item.Entry.Found.Head.Bytes;
                heap.Free(item.Entry.Found.At, freed);
                bytes += item.Stored == default ? freed : 0;
            }

            if (item.Leader == index && IsChanged(plan, index))
            {
                CountLists(in item);
            }
        }

        return bytes;
    }

    private void CountLists(in ByteBatchItem leader)
    {
        if (leader.List != default)
        {
            heap.AddLive(leader.List, BytesAt(leader.List));
        }

        if (leader.Entry.Root.IsList)
        {
            heap.Free(leader.Entry.Root, BytesAt(leader.Entry.Root));
        }
    }

    // Nobody is going to find what was stored. It is dead as it is, but for blocks with a segment of their own; and what is owed to the
    // feed names some of it.
    private void ReleaseBlocks(ByteBatchPlan plan)
    {
        bool hasIntent = sink is not null && meta.FeedIntent != NoIntent;
        for (int index = 0; index < plan.Count; index++)
        {
            if (plan[index].Stored is var stored && stored != default)
            {
                long bytes = StoredBytes(plan, index);
                _refusedBytes += bytes;
                if (!hasIntent)
                {
                    heap.AddLive(stored, bytes);
                    heap.Free(stored, bytes);
                }
            }
        }

        // The list of what is owed, and about as much for bundles.
        _refusedBytes += BlockLayout.BytesOf(0, plan.Count * sizeof(long));
    }

    private long StoredBytes(ByteBatchPlan plan, int index) =>
        BlockLayout.BytesOf(plan.KeyOf(index).Length, plan.ValueOf(index).Length + (meta.HasStamps ? Stamp.Bytes : 0));

    private long BytesAt(BlockRef at) =>
        heap.View.Segment(at.Segment) is { } segment && segment.ReadHead(at, out BlockHead head) == BlockOutcome.Found ? head.Bytes : 0;
}
