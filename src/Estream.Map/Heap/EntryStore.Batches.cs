using Estream.Core;

namespace Estream.Map.Internal;

// Batches. The blocks of all new values are stored first, where no reader finds them. Then a batch of the index changes all references; a
// crash leaves it applied completely or not at all.
internal sealed partial class EntryStore
{
    // The bytes that failed commits have stored and that the compactor does not know of yet.
    private long _refusedBytes;

    /// <summary>Lets the compactor reclaim the space of failed commits; otherwise repeated attempts would fill the disk. Call it before any
    /// lookup, because it may move entries.</summary>
    public void Reclaim()
    {
        if (_refusedBytes > 0)
        {
            // The feed intent may name blocks that nothing else refers to.
            ResolveFeedIntent();
            long bytes = _refusedBytes;
            _refusedBytes = 0;
            compactor.Work(bytes);
        }
    }

    /// <summary>Applies a batch, if its requirements are met.</summary>
    /// <param name="plan">The batch.</param>
    /// <param name="references">An empty index batch with room for all keys of the plan.</param>
    /// <returns>Whether it was applied.</returns>
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

    /// <summary>Applies a batch. The outcome of each item is already determined.</summary>
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

            // Marks the number of collisions as changing, even if it will not change. If the process dies before everything below is
            // counted, the word stays odd, and the next writer recounts.
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
                // The failure came after the batch took effect: the index refers to the new blocks, so they are counted.
                CountAll(plan, collisions + added);
            }
            else
            {
                meta.SetCollisions(collisions, isChanging: false);
                ReleaseBlocks(plan);
            }

            throw;
        }

        compactor.Work(CountAll(plan, collisions + added));
    }

    private long CountAll(ByteBatchPlan plan, long collisions)
    {
        ClearFeedIntent();
        long bytes = Count(plan);
        meta.SetCollisions(collisions, isChanging: false);
        return bytes;
    }

    // Whether the batch took effect. The first hash that the batch changes shows it for all hashes: each change gives its hash another
    // reference, or removes the reference.
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

    // Determines the new reference of each hash, and returns the change of the number of collisions.
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

    // Counts the new blocks as live, and the replaced and removed blocks as dead.
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

    // No reader will find the stored blocks. They count as dead already, except those with a separate segment, which is released here. If
    // there is a feed intent, nothing is released, because it names some of the blocks.
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

        // Adds an estimate for the list of the feed intent and the collision lists.
        _refusedBytes += BlockLayout.BytesOf(0, plan.Count * sizeof(long));
    }

    private long StoredBytes(ByteBatchPlan plan, int index) =>
        heap.EntryBytes(plan.KeyOf(index).Length, plan.ValueOf(index).Length + (meta.HasStamps ? Stamp.Bytes : 0));

    private long BytesAt(BlockRef at) =>
        heap.View.Segment(at.Segment) is { } segment && segment.ReadHead(at, out BlockHead head) == BlockOutcome.Found ? head.Bytes : 0;
}
