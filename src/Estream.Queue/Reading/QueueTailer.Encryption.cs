using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// Reading an encrypted segment. The fast path never reads the file: it sees either nothing or the decrypted frames of one block in private
// memory. In the second case offsets count from the start of the block, and the base position is that of the block.
public sealed partial class QueueTailer
{
    private BlockReader? _blocks;
    private bool _inBlock;

    // Whether the offset is known to point to a frame of the file, and not to a frame in a block.
    private bool _isPlaced;

    private void Show(Segment segment)
    {
        _memory = default;
        if (!segment.IsEncrypted)
        {
            ShowUpTo(segment, _offset + FrameLayout.HeaderBytes);
        }

        _inBlock = false;
        _isPlaced = false;
        _isZeroTheEnd = _queue.Limit is null && !segment.IsEncrypted && !segment.IsShared;
    }

    // Shows the fast path the loaded part of a segment, which ends at or after an offset. The fast path never reads further.
    private void ShowUpTo(Segment segment, long end)
    {
        segment.EnsureLoaded(_offset, end - _offset);
        RegionSpan readable = _queue.Limit?.Clamp(segment) ?? segment.Memory;
        _memory = readable.Slice(0, Math.Min(readable.Length, segment.PartEnd(end)));
    }

    private void RequireKind(Segment segment)
    {
        try
        {
            _queue.Keys?.RequireKind(segment);
        }
        catch
        {
            _queue.Segments.Release(segment);
            throw;
        }
    }

    // Takes one step towards the next message. Returns true if the fast path will find it, false if there is none, null to scan on.
    private bool? TryReachInBlocks()
    {
        if (!_inBlock && !TryPlace())
        {
            throw new EstreamCorruptionException(
                $"No message of '{_segment!.Path}' starts at offset {_offset}. Run 'estream queue verify' and restore the segment from a "
                + "copy.", _segment.Path, _offset);
        }

        return _inBlock ? TryReachInBlock() : TryReachBlock();
    }

    private bool? TryReachBlock()
    {
        Segment segment = _segment!;
        segment.EnsureLoaded(_offset, BlockLayout.HeaderBytes);
        int word = segment.Memory.ReadInt32Acquire(_offset);
        if (FrameCheck.IsPending(segment, word))
        {
            return TryFreePlace() ? null : false;
        }

        if (FrameCheck.IsEndOfSegment(segment.Memory, _offset, word))
        {
            return TryEnterNextSegment() ? null : false;
        }

        if (FrameCheck.IsSkipped(segment, _offset, word))
        {
            _offset += FrameLayout.StrideOfAny(word);
        }
        else
        {
            FrameCheck.RequireMessage(segment, _offset, word);
            EnterBlock(_offset, word);
        }

        return null;
    }

    private bool? TryReachInBlock()
    {
        Segment view = _blocks!.View;
        int word = _memory.ReadInt32(_offset);
        if (word == 0)
        {
            LeaveBlock();
            return null;
        }

        if (!ConsumerOffsetFrame.Is(view, _offset, word))
        {
            // A holder of the key wrote an authentic block. Its frames are checked nevertheless, so that no bytes outside the block are
            // exposed.
            return FrameLayout.IsMessage(word) && FrameCheck.Fits(_memory, _offset, word)
                ? true
                : throw new EstreamCorruptionException(
                    $"The encrypted block at offset {_basePosition % _queue.SegmentBytes} of '{view.Path}' holds a frame of a kind this "
                    + $"version does not know (length word 0x{word:x8}). "
                    + "Read it with the release that wrote it.", view.Path, _basePosition % _queue.SegmentBytes);
        }

        Consumed?.Invoke(view, _offset, word);
        _offset += FrameLayout.StrideOfAny(word);
        return null;
    }

    private void EnterBlock(long offset, int word)
    {
        _blocks ??= new BlockReader(_queue);
        _blocks.Open(_segment!, offset, word);
        ShowBlock(offset);
    }

    private void ShowBlock(long offset)
    {
        _memory = _blocks!.Frames;
        _basePosition = (_segment!.Index * _queue.SegmentBytes) + offset;
        _offset = BlockLayout.HeaderBytes;
        _inBlock = true;
        _isPlaced = true;
    }

    private void LeaveBlock()
    {
        long position = Position;
        _memory = default;
        _inBlock = false;
        _basePosition = _segment!.Index * _queue.SegmentBytes;
        _offset = position - _basePosition;
    }

    private bool HasMoreInBlock()
    {
        if (_inBlock && _memory.ReadInt32(_offset) == 0)
        {
            LeaveBlock();
        }

        return _inBlock || (!_isPlaced && TryPlace() && _inBlock);
    }

    // Finds out whether a position refers to a frame of the file, to a frame in a block, or to the end.
    private bool TryPlace()
    {
        if (_isPlaced || _offset == SegmentLayout.HeaderBytes)
        {
            _isPlaced = true;
            return true;
        }

        long target = _offset;
        Segment segment = _segment!;
        if (_queue.Keys is not null && TryPlaceFirst(target))
        {
            return true;
        }

        long found = BlockFrame.Find(segment, target);
        int word = segment.Memory.ReadInt32Acquire(found);
        if (found < target && BlockFrame.Is(segment, found, word))
        {
            return TryEnterBlockAt(found, word, target);
        }

        _isPlaced = found == target;
        return _isPlaced;
    }

    // Most messages are the first of their block, so this tries the block that starts one header before the target. A block authenticates
    // only at its own offset, so no earlier frame has to be committed. FrameLookup excludes a block that recovery has truncated.
    private bool TryPlaceFirst(long target)
    {
        Segment segment = _segment!;
        long block = target - BlockLayout.HeaderBytes;
        segment.EnsureLoaded(Math.Max(block, 0), BlockLayout.HeaderBytes);
        int word = block < SegmentLayout.HeaderBytes ? 0 : segment.Memory.ReadInt32Acquire(block);
        _blocks ??= new BlockReader(_queue);
        if (!BlockFrame.Is(segment, block, word) || !_blocks.TryOpen(segment, block, word)
            || !FrameLookup.IsReached(segment, block, isWhole: true))
        {
            return false;
        }

        ShowBlock(block);
        return true;
    }

    private bool TryEnterBlockAt(long block, int word, long target)
    {
        EnterBlock(block, word);
        long inner = target - block;
        int at;
        while (_offset < inner && (at = _memory.ReadInt32(_offset) & FrameLayout.LengthMask) >= FrameLayout.HeaderBytes)
        {
            _offset += FrameLayout.Stride(at);
        }

        if (_offset == inner)
        {
            return true;
        }

        LeaveBlock();
        (_offset, _isPlaced) = (target, false);
        return false;
    }
}
