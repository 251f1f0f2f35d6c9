using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Internal;

// The feed intent of a byte map with a change feed. An event is appended before its change is applied, so a writer that dies in between, or
// whose sink fails, leaves an event without its change. Therefore bytes.meta first names a block that has the key: the new block, which no
// reader finds yet, or the one to be removed. The next write publishes the actual state of that key. Blocks never change, and only a write
// releases a segment, after it has resolved the intent: so the block exists. A batch names a list of such blocks. See
// docs/formats/bytemap.md.
internal sealed partial class EntryStore
{
    private const long NoIntent = 0;
    private const long IntentOfAll = 1;

    /// <summary>Resolves the feed intent, before another event is published and before a compaction that would lose the intent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ResolveFeedIntent()
    {
        if (sink is not null && meta.FeedIntent != NoIntent)
        {
            ResolveFeedIntent(sink);
        }
    }

    /// <summary>Publishes the removal of all entries. Until <see cref="ClearFeedIntent"/> the intent names all entries.</summary>
    public void PublishClear()
    {
        if (sink is not null)
        {
            // The earlier intent is resolved first. Otherwise an intent on a missing key would be lost if the sink refuses the next event.
            ResolveFeedIntent();
            meta.FeedIntent = IntentOfAll;
            sink.Append(new MapChange(MapChangeKind.Clear, default, default));
        }
    }

    /// <summary>Flushes the sink, before the changes themselves are flushed.</summary>
    public void FlushFeed() => sink?.Flush();

    /// <summary>Records that the feed and the map agree.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ClearFeedIntent()
    {
        if (sink is not null)
        {
            meta.FeedIntent = NoIntent;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PublishPut(BlockRef block, ReadOnlySpan<byte> key, in Stamp stamp, ReadOnlySpan<byte> value)
    {
        if (sink is not null)
        {
            meta.FeedIntent = (long)block.Word;
            sink.Append(new MapChange(MapChangeKind.Put, key, value, stamp.Version, stamp.ExpiresAt));
        }
    }

    // Publishes the whole batch before any change is applied. If the sink refuses an event, no change is applied.
    private void PublishBatch(ByteBatchPlan plan)
    {
        if (sink is null || !SetFeedIntent(plan))
        {
            return;
        }

        for (int index = 0; index < plan.Count; index++)
        {
            ref ByteBatchItem item = ref plan[index];
            if (item.Outcome == EntryOutcome.Put)
            {
                Stamp stamp = item.Stamp;
                sink.Append(new MapChange(MapChangeKind.Put, plan.KeyOf(index), plan.ValueOf(index), stamp.Version, stamp.ExpiresAt));
            }
            else if (item.Outcome != EntryOutcome.Keep)
            {
                MapChangeKind kind = item.Outcome == EntryOutcome.Expire ? MapChangeKind.Expire : MapChangeKind.Remove;
                sink.Append(new MapChange(kind, plan.KeyOf(index), default));
            }
        }
    }

    // The intent names a list of blocks that have the keys of the batch.
    private bool SetFeedIntent(ByteBatchPlan plan)
    {
        Span<byte> blocks = stackalloc byte[StateMap.MaxBatchKeys * sizeof(long)];
        int count = 0;
        for (int index = 0; index < plan.Count; index++)
        {
            ref ByteBatchItem item = ref plan[index];
            if (item.Outcome != EntryOutcome.Keep)
            {
                BlockRefList.Set(blocks, count++, item.Outcome == EntryOutcome.Put ? item.Stored : item.Entry.Found.At);
            }
        }

        if (count > 0)
        {
            meta.FeedIntent = (long)heap.Append(BlockKind.List, default, blocks[..(count * sizeof(long))]).Word;
        }

        return count > 0;
    }

    private void PublishRemove(BlockRef block, ReadOnlySpan<byte> key, MapChangeKind kind)
    {
        if (sink is not null)
        {
            meta.FeedIntent = (long)block.Word;
            sink.Append(new MapChange(kind, key, default));
        }
    }

    private void ResolveFeedIntent(IChangeSink target)
    {
        long intent = meta.FeedIntent;
        var block = new BlockRef((nuint)intent);
        if (intent == IntentOfAll)
        {
            PublishAll(target);
        }
        else if (block.IsList)
        {
            PublishCurrentOfList(target, block);
        }
        else
        {
            PublishCurrent(target, block);
        }

        ClearFeedIntent();
    }

    private void PublishCurrentOfList(IChangeSink target, BlockRef list)
    {
        if (heap.View.Segment(list.Segment) is not { } segment || segment.ReadHead(list, out BlockHead head) != BlockOutcome.Found
            || !segment.IsChecked(list, in head))
        {
            return;
        }

        using HeldBytes blocks = segment.HoldValue(list, in head, place);
        for (int index = 0; index < BlockRefList.CountOf(blocks.Span); index++)
        {
            PublishCurrent(target, BlockRefList.At(blocks.Span, index));
        }
    }

    // After a power cut the block may be missing; HostCrashed reports that.
    private void PublishCurrent(IChangeSink target, BlockRef intent)
    {
        if (heap.View.Segment(intent.Segment) is not { } segment || segment.ReadHead(intent, out BlockHead head) != BlockOutcome.Found
            || !segment.IsChecked(intent, in head) || !segment.TryHoldKey(intent, out HeldBytes key))
        {
            return;
        }

        using (key)
        {
            if (Locate(key.Span, out LocatedEntry entry))
            {
                PublishEntry(target, entry.Found.Segment, entry.Found.At, in entry.Found.Head);
            }
            else
            {
                target.Append(new MapChange(MapChangeKind.Remove, key.Span, default));
            }
        }
    }

    private void PublishAll(IChangeSink target)
    {
        Span<byte> buffer = stackalloc byte[BlockRefList.MaxBytes];
        foreach ((nuint _, nuint word) in index)
        {
            Span<byte> members = ReadMembers(new BlockRef(word), buffer);
            for (int member = 0; member < BlockRefList.CountOf(members); member++)
            {
                BlockRef at = BlockRefList.At(members, member);
                if (heap.View.Segment(at.Segment) is not { } segment || segment.ReadHead(at, out BlockHead head) != BlockOutcome.Found)
                {
                    HeapErrors.NoSuchBlock(place, at);
                    return;
                }

                PublishEntry(target, segment, at, in head);
            }
        }
    }

    private void PublishEntry(IChangeSink target, HeapSegment segment, BlockRef at, in BlockHead head)
    {
        using HeldBytes held = segment.HoldValue(at, in head, place);
        _ = segment.TryHoldKey(at, out HeldBytes key);
        using (key)
        {
            ReadOnlySpan<byte> value = held.Span;
            Stamp stamp = meta.HasStamps ? Stamp.Read(value) : default;
            target.Append(new MapChange(
                MapChangeKind.Put, key.Span, meta.HasStamps ? value[Stamp.Bytes..] : value, stamp.Version, stamp.ExpiresAt));
        }
    }
}
