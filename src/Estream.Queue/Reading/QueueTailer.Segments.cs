using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// The slow path of reading: the ends of segments.
public sealed partial class QueueTailer
{
    // How long a claim may stay uncommitted before its writer's liveness is checked.
    internal const long PatienceNanos = 10_000_000;

    /// <summary>Called for each consumer offset frame that the tailer passes.</summary>
    internal Action<Segment, long, int>? Consumed { get; set; }

    /// <summary>Whether the tailer has read everything claimed so far.</summary>
    internal bool IsAtEnd
    {
        get
        {
            if (_segment is null)
            {
                return !TryEnterSegment();
            }

            if (_segment.IsEncrypted && HasMoreInBlock())
            {
                return false;
            }

            RegionSpan memory = _segment.Memory;
            _segment.EnsureLoaded(_offset, FrameLayout.HeaderBytes);
            int word = memory.ReadInt32Acquire(_offset);
            return word == 0
                ? !_segment.IsShared || _offset >= TailWord.Offset(memory.ReadInt64Acquire(SegmentLayout.TailOffset))
                : FrameCheck.IsEndOfSegment(memory, _offset, word) && !_queue.Files.Exists(_segment.Index + 1);
        }
    }

    private long _waitsAt;
    private long _waitsSince;
    private AbsentSegment _absent;

    // Whether a zero word proves that no message follows. A shared segment gives no proof, since a writer may have died within a message. A
    // read limit gives none either, because it moves.
    private bool _isZeroTheEnd;

    // Called when the fast path found no message: none yet, the end of a segment, no segment entered, or damage.
    private bool TryReadAtEdge(out QueueMessage message)
    {
        message = default;

        // A spinning reader is here nearly all the time, so this check determines the latency of a new message.
        if (_isZeroTheEnd && _offset < _memory.Length && _memory.ReadInt32Acquire(_offset) == 0)
        {
            return false;
        }

        // A message was committed after the check of the fast path, or this is the first read in the segment.
        return TryReachMessage() && TryRead(out message);
    }

    // Moves to the next message, past other frames, and stays before it.
    private bool TryReachMessage()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_segment is null && !TryEnterSegment())
        {
            return false;
        }

        while (!IsBehindLimit())
        {
            if (_segment!.IsEncrypted)
            {
                if (TryReachInBlocks() is { } isThere)
                {
                    return isThere;
                }

                continue;
            }

            int word = _memory.ReadInt32Acquire(_offset);
            if (FrameCheck.IsPending(_segment, word))
            {
                if (!TryFreePlace())
                {
                    return false;
                }
            }
            else if (FrameCheck.IsSkipped(_segment!, _offset, word))
            {
                if (Consumed is not null && ConsumerOffsetFrame.Is(_segment!, _offset, word))
                {
                    Consumed(_segment!, _offset, word);
                }

                _offset += FrameLayout.StrideOfAny(word);
            }
            else if (!FrameCheck.IsEndOfSegment(_memory, _offset, word))
            {
                FrameCheck.RequireMessage(_segment!, _offset, word);
                ShowUpTo(_segment!, _offset + FrameLayout.Stride(word) + FrameLayout.HeaderBytes);
                return true;
            }
            else if (!TryEnterNextSegment())
            {
                return false;
            }
        }

        return false;
    }

    // After a crash of the machine, until a writer has run recovery, nothing after the last valid message may be read.
    private bool IsBehindLimit()
    {
        if (_inBlock)
        {
            return false;
        }

        if (_queue.Limit is { } limit)
        {
            return limit.Covers(_segment!.Index, _offset);
        }

        if (!_segment!.IsEncrypted)
        {
            // _memory may cover only the loaded part of the segment, or the part before a read limit that has been lifted: extends it.
            Show(_segment);
        }

        return false;
    }

    // Called when there is nothing to read yet. In a shared segment a writer may have died within a message: a tailer that may write
    // reclaims its claim.
    private bool TryFreePlace()
    {
        if (_queue.IsReadOnly || !_segment!.IsShared)
        {
            return false;
        }

        long now = _queue.Clock.CoarseUtcNanos;
        if (_waitsAt != _offset || now < _waitsSince)
        {
            (_waitsAt, _waitsSince) = (_offset, now);
        }

        if (now - _waitsSince < PatienceNanos)
        {
            return false;
        }

        _waitsSince = now;
        return _queue.Shared.Dead.TryClearAt(_segment, _offset);
    }

    private bool TryEnterSegment()
    {
        long index = _basePosition / _queue.SegmentBytes;
        if (_queue.Limit is { } limit && index > limit.Index)
        {
            return false;
        }

        if (TryAcquire(index) is not { } segment)
        {
            return false;
        }

        Enter(segment);
        RequireVerified();
        return true;
    }

    // Pins the next segment before it unpins this one: otherwise retention could delete both.
    private bool TryEnterNextSegment()
    {
        long index = _segment!.Index + 1;
        if (_queue.Limit?.Covers(index, SegmentLayout.HeaderBytes) == true)
        {
            return false;
        }

        if (TryAcquire(index) is not { } next)
        {
            return false;
        }

        LeaveSegment();
        _basePosition = index * _queue.SegmentBytes;
        _offset = SegmentLayout.HeaderBytes;
        Enter(next);
        return true;
    }

    private Segment? TryAcquire(long index)
    {
        if (_absent.Is(_queue, index))
        {
            return null;
        }

        Segment? segment = _queue.Segments.Acquire(index);
        if (segment is null)
        {
            RequireFuture(index);
            _absent.Note(_queue, index);
            return null;
        }

        RequireKind(segment);
        return segment;
    }

    private bool TryHold()
    {
        try
        {
            return TryEnterSegment();
        }
        catch (EstreamException)
        {
            // TryRead reports the error later, when the tailer exists and can seek elsewhere.
            return false;
        }
    }

    // A missing segment does not exist yet, was deleted, or is lost. The directory listing tells which.
    private void RequireFuture(long index)
    {
        IReadOnlyList<long> indexes = _queue.ListSegments();
        if (indexes.Count == 0 || index > indexes[^1] || _queue.Files.Exists(index))
        {
            return;
        }

        // A listing that races with a rename may show neither name. A segment missing from two listings, and not there in between, does not
        // exist.
        indexes = _queue.ListSegments();
        string path = _queue.Files.SegmentPath(index);
        if (indexes.Count > 0 && index < indexes[0])
        {
            throw new EstreamStorageException(
                $"Position {Position} of queue '{_queue.Directory}' was deleted by retention; the oldest message is at "
                + $"{(indexes[0] * _queue.SegmentBytes) + SegmentLayout.HeaderBytes}. SeekToStart() continues there. A named tailer would "
                + "have kept it.",
                path, StorageFailure.NotFound);
        }

        if (indexes.Count > 0 && index < indexes[^1] && !indexes.Contains(index))
        {
            throw new EstreamCorruptionException(
                $"'{path}' is missing, but later segments are there. Restore it from a copy, or Seek() to segment "
                + $"{indexes.First(i => i > index)} "
                + $"at position {(indexes.First(i => i > index) * _queue.SegmentBytes) + SegmentLayout.HeaderBytes}.", path);
        }
    }

    private void Enter(Segment segment)
    {
        _segment = segment;
        Show(segment);
    }

    private void LeaveSegment()
    {
        _memory = default;
        _inBlock = false;
        _isZeroTheEnd = false;
        if (_segment is not null)
        {
            _queue.Segments.Release(_segment);
            _segment = null;
        }
    }
}
