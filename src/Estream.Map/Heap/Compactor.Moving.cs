using Estream.Core;

namespace Estream.Map.Internal;

// The part of a pass that copies and publishes single entries, and flushes.
internal sealed partial class Compactor
{
    private bool IsDeferred => _source is DirectorySource && _heap.Bytes >= LargeBytes;

    private BlockRef? Copy(BlockRef root) => root.IsList ? CopyList(root) : CopyVictim(root);

    // While the index migrates (it grows, or a snapshot was taken), the enumeration may return outdated references. An outdated collision
    // list was replaced, and its members may be gone. Copying that list would fail, although the list that replaced it may have other
    // members in victims. A single entry needs no second lookup: a block that replaced it is never in a victim.
    private BlockRef Latest(nuint hash, BlockRef found)
    {
        if (!found.IsList)
        {
            return found;
        }

        return _index.TryGet(in hash, out nuint word) ? new BlockRef(word) : default;
    }

    private bool TryPublish(in Moved moved)
    {
        bool isPublished = _index.CompareExchange(moved.Hash, moved.Old.Word, moved.New.Word);
        if (isPublished)
        {
            Count(moved);
        }

        return isPublished;
    }

    // Called if the entry changed meanwhile. If several entries have the hash, the current list may still refer to a block in a victim.
    // That is so rare that the writer may wait for the device.
    private void PublishAgain(nuint hash)
    {
        long before = _chunkBytes;
        if (_index.TryGet(in hash, out nuint word) && Copy(new BlockRef(word)) is { } copied)
        {
            List<FlushRange> ranges = _heap.Dirty();
            FlushNow(ranges, index: null);
            Heap.NoteFlushed(ranges);
            _ = TryPublish(new Moved(hash, new BlockRef(word), copied, _chunkBytes - before));
        }
    }

    // Returns null if the block is not in a segment under compaction, or cannot be read. A segment with an unreadable block is kept.
    private BlockRef? CopyVictim(BlockRef old)
    {
        HeapSegment? segment = _heap.View.Segment(old.Segment);
        return segment is { IsVictim: true } ? Copy(segment, old) : null;
    }

    private BlockRef? Copy(HeapSegment segment, BlockRef old)
    {
        if (segment.ReadHead(old, out BlockHead head) != BlockOutcome.Found || !_heap.TryMove(segment, old, in head, out BlockRef copied))
        {
            segment.IsDamaged = true;
            return null;
        }

        _credit -= head.Bytes;
        _chunkBytes += head.Bytes;
        MovedBytes += head.Bytes;
        return copied;
    }

    // Copies a collision list with its members, if the list or a member is in a victim. Lists are so rare that copying only some of the
    // members is not worth it. A member with a separate segment stays, unless that segment is a victim.
    private BlockRef? CopyList(BlockRef old)
    {
        Span<byte> buffer = stackalloc byte[BlockRefList.MaxBytes];
        if (_heap.View.ReadList(old, buffer, out Span<byte> members) != BlockOutcome.Found)
        {
            Keep(old);
            return null;
        }

        bool isInVictim = _heap.View.Segment(old.Segment) is { IsVictim: true };
        for (int member = 0; member < BlockRefList.CountOf(members); member++)
        {
            isInVictim |= _heap.View.Segment(BlockRefList.At(members, member).Segment) is { IsVictim: true };
        }

        return isInVictim ? CopyTree(old, members) : null;
    }

    private BlockRef? CopyTree(BlockRef old, ReadOnlySpan<byte> members)
    {
        Span<byte> buffer = stackalloc byte[BlockRefList.MaxBytes];
        Span<byte> moved = buffer[..members.Length];
        members.CopyTo(moved);
        for (int member = 0; member < BlockRefList.CountOf(members); member++)
        {
            BlockRef at = BlockRefList.At(members, member);
            HeapSegment? segment = _heap.View.Segment(at.Segment);
            if (segment is { IsSingle: true, IsVictim: false })
            {
                continue;
            }

            if (segment is null || Copy(segment, at) is not { } copied)
            {
                KeepAll(old, members);
                return null;
            }

            BlockRefList.Set(moved, member, copied);
        }

        return _heap.Append(BlockKind.List, default, moved);
    }

    // If a member cannot be copied, neither the list nor any other member is copied, and all of their segments are kept.
    private void KeepAll(BlockRef old, ReadOnlySpan<byte> members)
    {
        Keep(old);
        for (int member = 0; member < BlockRefList.CountOf(members); member++)
        {
            Keep(BlockRefList.At(members, member));
        }
    }

    private void Keep(BlockRef at)
    {
        if (_heap.View.Segment(at.Segment) is { } segment)
        {
            segment.IsDamaged = true;
        }
    }

    // Counts the copied blocks as live and the old blocks as dead. Victims stay until the pass ends, including those with a single block.
    private void Count(in Moved moved)
    {
        if (!moved.Old.IsList)
        {
            _heap.AddLive(moved.New, moved.Bytes);
            _heap.AddLive(moved.Old, -moved.Bytes);
            return;
        }

        CountBlock(moved.New, 1);
        CountBlock(moved.Old, -1);
        Span<byte> oldBuffer = stackalloc byte[BlockRefList.MaxBytes];
        Span<byte> newBuffer = stackalloc byte[BlockRefList.MaxBytes];
        _ = _heap.View.ReadList(moved.Old, oldBuffer, out Span<byte> oldMembers);
        _ = _heap.View.ReadList(moved.New, newBuffer, out Span<byte> newMembers);
        for (int member = 0; member < Math.Min(oldMembers.Length, newMembers.Length) / sizeof(long); member++)
        {
            if (BlockRefList.At(oldMembers, member) != BlockRefList.At(newMembers, member))
            {
                CountBlock(BlockRefList.At(newMembers, member), 1);
                CountBlock(BlockRefList.At(oldMembers, member), -1);
            }
        }
    }

    private void CountBlock(BlockRef at, int sign)
    {
        if (_heap.View.Segment(at.Segment) is { } segment && segment.ReadHead(at, out BlockHead head) == BlockOutcome.Found)
        {
            _heap.AddLive(at, sign * head.Bytes);
        }
    }

    // Returns false while the index migrates, unless isHurried: the old table has earlier references, which a power cut can restore.
    private bool BeginFlushIndex(bool isHurried)
    {
        if (isHurried)
        {
            _index.Flush();
        }

        TablePair<nuint, nuint> tables = _index.Tables();
        if (tables.Next is not null && !isHurried)
        {
            return false;
        }

        Flush(tables.Current);
        return true;
    }

    private void Flush(Table<nuint, nuint>? index)
    {
        _ranges = _heap.Dirty();
        List<FlushRange> ranges = _ranges;
        if (IsDeferred)
        {
            TaskCreationOptions options = _heap.Bytes < LongRunningBytes ? TaskCreationOptions.None : TaskCreationOptions.LongRunning;
            _flushing = Task.Factory.StartNew(() => Flush(ranges, index), CancellationToken.None, options, TaskScheduler.Default);
        }
        else
        {
            _flushing = Task.CompletedTask;
            FlushNow(ranges, index);
        }
    }

    // Waits for the flush. EndFlush, not this method, throws the error of the flush.
    private static void Await(Task flushing) =>
        flushing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();

    // Records a refused flush: data that the device refused stays lost, even if a later flush succeeds.
    private void FlushNow(List<FlushRange> ranges, Table<nuint, nuint>? index)
    {
        try
        {
            Flush(ranges, index);
        }
        catch (EstreamStorageException)
        {
            _meta.HasHostCrashed = true;
            throw;
        }
    }

    private void Flush(List<FlushRange> ranges, Table<nuint, nuint>? index)
    {
        foreach (FlushRange range in ranges)
        {
            range.Flush();
        }

        if (index is null)
        {
            _source.SyncNames();
        }
        else
        {
            index.Flush();
        }
    }

    private bool EndFlush()
    {
        if (_flushing is { IsCompleted: false })
        {
            _credit = 0;
            return false;
        }

        Task? flushed = _flushing;
        _flushing = null;
        try
        {
            flushed?.GetAwaiter().GetResult();
        }
        catch (EstreamStorageException)
        {
            _meta.HasHostCrashed = true;
            throw;
        }

        Heap.NoteFlushed(_ranges);
        return true;
    }
}
