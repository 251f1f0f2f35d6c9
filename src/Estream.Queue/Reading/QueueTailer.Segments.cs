using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// The rare part of reading: the ends of segments.
public sealed partial class QueueTailer
{
    // How long a writer may take over a message before it is asked whether it lives.
    internal const long PatienceNanos = 10_000_000;

    /// <summary>Hears of the frames by which writers say how far they have consumed other queues.</summary>
    internal Action<Segment, long, int>? Consumed { get; set; }

    /// <summary>Whether everything that is claimed so far has been read.</summary>
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
            int word = memory.ReadInt32Acquire(_offset);
            return word == 0
                ? !_segment.IsShared || _offset >= TailWord.Offset(memory.ReadInt64Acquire(SegmentLayout.TailOffset))
                : FrameCheck.IsEndOfSegment(memory, _offset, word) && !_queue.Files.Exists(_segment.Index + 1);
        }
    }

    private long _waitsAt;
    private long _waitsSince;
    private AbsentSegment _absent;

    // Whether a zero word says all there is to say: the writer has not come so far. Not where several write, since one of them may have
    // died in the middle of a message, and not behind a limit, which moves.
    private bool _isZeroTheEnd;

    // Reached when the quick path found no message: nothing there yet, the end of a segment, no segment entered, or damage.
    private bool TryReadAtEdge(out QueueMessage message)
    {
        message = default;

        // Who waits spinning is here nearly all the time, and what it does then is what a new message waits for.
        if (_isZeroTheEnd && _memory.ReadInt32Acquire(_offset) == 0)
        {
            return false;
        }

        // A message came in between the quick path's look and this one, or this is the first look into the segment.
        return TryReachMessage() && TryRead(out message);
    }

    // Goes on to the next message, past what is none, and stays before it.
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
                return true;
            }
            else if (!TryEnterNextSegment())
            {
                return false;
            }
        }

        return false;
    }

    // After a crash of the machine, until a writer has come: what is behind the last whole message is not to be read.
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
            // It may have been a part of the segment until now.
            Show(_segment);
        }

        return false;
    }

    // Nothing to read yet. In a shared segment that may be since a writer died in the middle of a message: who may write, clears up.
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

    // The next segment is entered before this one is left: without a hold on either, retention could take both.
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
        Enter(next);
        _basePosition = index * _queue.SegmentBytes;
        _offset = SegmentLayout.HeaderBytes;
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
            // Said by TryRead, when the tailer exists and can be sent elsewhere.
            return false;
        }
    }

    // A segment that is not there comes later, or was given up, or is missing; the directory tells which.
    private void RequireFuture(long index)
    {
        IReadOnlyList<long> indexes = _queue.ListSegments();
        if (indexes.Count == 0 || index > indexes[^1] || _queue.Files.Exists(index))
        {
            return;
        }

        // A listing that meets a rename may show neither name. What is missing in two of them, and was not there in between, is not there.
        indexes = _queue.ListSegments();
        string path = _queue.Files.SegmentPath(index);
        if (indexes.Count > 0 && index < indexes[0])
        {
            throw new EstreamStorageException(
                $"Position {Position} of queue '{_queue.Directory}' was given up by retention; the oldest message is at "
                + $"{(indexes[0] * _queue.SegmentBytes) + SegmentLayout.HeaderBytes}. SeekToStart() goes on there; a named tailer would "
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
