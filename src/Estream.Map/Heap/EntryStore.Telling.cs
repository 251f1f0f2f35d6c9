using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Internal;

// What a map of bytes with a change feed owes to it. An event is appended before its change is made, so a writer that dies in between, or
// whose sink fails, leaves the one without the other. Therefore bytes.meta first names a block that has the key: the new one, which nobody
// finds yet, or the one that is going to be removed. Whoever writes next tells how the entry of that key really is. Blocks are never
// changed, and a segment is given up only by a write, before which this is settled: so the block is there. Of a batch a list of such blocks
// is named. See docs/formats/bytemap.md.
internal sealed partial class EntryStore
{
    private const long NothingOwed = 0;
    private const long EverythingOwed = 1;

    /// <summary>Tells what is owed; before anything else is told, or moved to where nobody would find it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Settle()
    {
        if (sink is not null && meta.Owed != NothingOwed)
        {
            SettleOwed(sink);
        }
    }

    /// <summary>Tells that everything goes. Until <see cref="ForgetOwed"/> all that is there is owed.</summary>
    public void TellCleared()
    {
        if (sink is not null)
        {
            // Of a key that is owed and is not there nobody would hear, should the sink not take this.
            Settle();
            meta.Owed = EverythingOwed;
            sink.Append(new MapChange(MapChangeKind.Clear, default, default));
        }
    }

    /// <summary>Brings what was told to the device; before the changes themselves are.</summary>
    public void FlushTold() => sink?.Flush();

    /// <summary>The feed and the map agree.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ForgetOwed()
    {
        if (sink is not null)
        {
            meta.Owed = NothingOwed;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void TellPut(BlockRef block, ReadOnlySpan<byte> key, in Stamp stamp, ReadOnlySpan<byte> value)
    {
        if (sink is not null)
        {
            meta.Owed = (long)block.Word;
            sink.Append(new MapChange(MapChangeKind.Put, key, value, stamp.Version, stamp.ExpiresAt));
        }
    }

    // All of a batch, before any of it is made. What a sink refuses in the middle is not made.
    private void Tell(ByteBatchPlan plan)
    {
        if (sink is null || !Owe(plan))
        {
            return;
        }

        for (int index = 0; index < plan.Count; index++)
        {
            ref ByteBatchItem item = ref plan[index];
            if (item.Outcome == EntryOutcome.Put)
            {
                sink.Append(new MapChange(MapChangeKind.Put, plan.KeyOf(index), plan.ValueOf(index), item.Stamp.Version, item.Stamp.ExpiresAt));
            }
            else if (item.Outcome != EntryOutcome.Keep)
            {
                sink.Append(new MapChange(item.Outcome == EntryOutcome.Expire ? MapChangeKind.Expire : MapChangeKind.Remove, plan.KeyOf(index), default));
            }
        }
    }

    // Names a list of blocks that have the keys of the batch.
    private bool Owe(ByteBatchPlan plan)
    {
        Span<byte> blocks = stackalloc byte[StateMap.MaxBatchKeys * sizeof(long)];
        int count = 0;
        for (int index = 0; index < plan.Count; index++)
        {
            ref ByteBatchItem item = ref plan[index];
            if (item.Outcome != EntryOutcome.Keep)
            {
                Bundle.Set(blocks, count++, item.Outcome == EntryOutcome.Put ? item.Stored : item.Entry.Found.At);
            }
        }

        if (count > 0)
        {
            meta.Owed = (long)heap.Append(BlockKind.Bundle, default, blocks[..(count * sizeof(long))]).Word;
        }

        return count > 0;
    }

    private void TellRemoved(BlockRef block, ReadOnlySpan<byte> key, MapChangeKind kind)
    {
        if (sink is not null)
        {
            meta.Owed = (long)block.Word;
            sink.Append(new MapChange(kind, key, default));
        }
    }

    private void SettleOwed(IChangeSink told)
    {
        long owed = meta.Owed;
        var block = new BlockRef((nuint)owed);
        if (owed == EverythingOwed)
        {
            TellAll(told);
        }
        else if (block.IsBundle)
        {
            TellTruths(told, block);
        }
        else
        {
            TellTruth(told, block);
        }

        ForgetOwed();
    }

    private void TellTruths(IChangeSink told, BlockRef list)
    {
        if (heap.View.Segment(list.Segment) is not { } segment || segment.ReadHead(list, out BlockHead head) != BlockOutcome.Found || !segment.IsChecked(list, in head))
        {
            return;
        }

        ReadOnlySpan<byte> blocks = segment.CheckedValueOf(list, in head, place);
        for (int index = 0; index < Bundle.CountOf(blocks); index++)
        {
            TellTruth(told, Bundle.At(blocks, index));
        }
    }

    // Behind a power cut the block may not be there; the map says then that it has lost something.
    private void TellTruth(IChangeSink told, BlockRef owed)
    {
        if (heap.View.Segment(owed.Segment) is not { } segment || segment.ReadHead(owed, out BlockHead head) != BlockOutcome.Found
            || !segment.IsChecked(owed, in head) || !segment.TryGetKey(owed, out ReadOnlySpan<byte> key))
        {
            return;
        }

        if (Locate(key, out LocatedEntry entry))
        {
            TellEntry(told, entry.Found.Segment, entry.Found.At, in entry.Found.Head);
        }
        else
        {
            told.Append(new MapChange(MapChangeKind.Remove, key, default));
        }
    }

    private void TellAll(IChangeSink told)
    {
        Span<byte> buffer = stackalloc byte[Bundle.MaxBytes];
        foreach ((nuint _, nuint word) in index)
        {
            Span<byte> members = ReadMembers(new BlockRef(word), buffer);
            for (int member = 0; member < Bundle.CountOf(members); member++)
            {
                BlockRef at = Bundle.At(members, member);
                if (heap.View.Segment(at.Segment) is not { } segment || segment.ReadHead(at, out BlockHead head) != BlockOutcome.Found)
                {
                    HeapErrors.NoSuchBlock(place, at);
                    return;
                }

                TellEntry(told, segment, at, in head);
            }
        }
    }

    private void TellEntry(IChangeSink told, HeapSegment segment, BlockRef at, in BlockHead head)
    {
        ReadOnlySpan<byte> value = segment.CheckedValueOf(at, in head, place);
        _ = segment.TryGetKey(at, out ReadOnlySpan<byte> key);
        Stamp stamp = meta.HasStamps ? Stamp.Read(value) : default;
        told.Append(new MapChange(MapChangeKind.Put, key, meta.HasStamps ? value[Stamp.Bytes..] : value, stamp.Version, stamp.ExpiresAt));
    }
}
