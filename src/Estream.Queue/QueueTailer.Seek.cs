using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// The rare part of reading: ends of segments, and going elsewhere.
public sealed partial class QueueTailer
{
    /// <summary>Goes to the oldest message the queue still has.</summary>
    public void SeekToStart()
    {
        GoTo(_queue.OldestPosition());
        Commit();
    }

    /// <summary>Goes behind the newest message. Walks the last segment, so it costs up to a few milliseconds.</summary>
    public void SeekToEnd()
    {
        IReadOnlyList<long> indexes = _queue.Files.ListSegments();
        GoTo(indexes.Count == 0 ? SegmentLayout.HeaderBytes : (indexes[^1] * _queue.SegmentBytes) + SegmentLayout.HeaderBytes);
        if (TryEnterSegment())
        {
            _offset = LogRecovery.FindEnd(_segment!).Offset;
        }

        Commit();
    }

    /// <summary>Goes to a message.</summary>
    /// <param name="position">A position that an append or a message gave, or the end of the log.</param>
    /// <exception cref="ArgumentException">No message starts there. The tailer stays where it was.</exception>
    /// <exception cref="EstreamStorageException">The message was there but has been given up by retention.</exception>
    /// <remarks>Costs a checksum of the message where the queue has checksums; else a walk of the segment, up to a few milliseconds.</remarks>
    public void Seek(long position)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        long before = Position;
        GoTo(Math.Max(position, 0));
        bool found;
        try
        {
            found = position >= SegmentLayout.HeaderBytes && TryEnterSegment() && StartsFrame();
        }
        catch
        {
            GoTo(before);
            throw;
        }

        if (!found)
        {
            GoTo(before);
            throw new ArgumentException($"No message of queue '{_queue.Directory}' starts at position {position}. Use a position that an append or a message gave.", nameof(position));
        }

        Commit();
    }

    private bool StartsFrame()
    {
        RegionSpan memory = _memory;
        if (_offset < SegmentLayout.HeaderBytes || _offset > memory.Length - FrameLayout.HeaderBytes || (_offset & 7) != 0)
        {
            return false;
        }

        int word = memory.ReadInt32Acquire(_offset);
        if (_segment!.HasChecksums && FrameLayout.IsMessage(word) && FrameCheck.Fits(memory, _offset, word) && FrameCheck.ChecksumMatches(_segment, _offset, word))
        {
            return true;
        }

        long walked = SegmentLayout.HeaderBytes;
        while (walked < _offset)
        {
            word = memory.ReadInt32Acquire(walked);
            if (!FrameLayout.IsMessage(word) || !FrameCheck.Fits(memory, walked, word))
            {
                return false;
            }

            walked += FrameLayout.Stride(word);
        }

        return walked == _offset;
    }

    // Reached when the quick path found no message: nothing there yet, the end of a segment, no segment entered, or damage.
    private bool TryReadAtEdge(out QueueMessage message)
    {
        message = default;
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_segment is null)
        {
            return TryEnterSegment() && TryRead(out message);
        }

        int word = _memory.ReadInt32Acquire(_offset);
        if (word <= 0)
        {
            return false;
        }

        if (!FrameCheck.IsEndOfSegment(_memory, _offset, word))
        {
            FrameCheck.RequireMessage(_segment, _offset, word);

            // A message came in between the quick path's look and this one.
            return TryRead(out message);
        }

        GoTo(((_segment.Index + 1) * _queue.SegmentBytes) + SegmentLayout.HeaderBytes);
        return TryRead(out message);
    }

    private bool TryEnterSegment()
    {
        long index = _basePosition / _queue.SegmentBytes;
        _segment = _queue.Segments.Acquire(index);
        if (_segment is null)
        {
            RequireFuture(index);
            return false;
        }

        _memory = _segment.Region.All;
        return true;
    }

    private void RequireFuture(long index)
    {
        IReadOnlyList<long> indexes = _queue.Files.ListSegments();
        if (indexes.Count > 0 && index < indexes[0])
        {
            throw new EstreamStorageException(
                $"Position {Position} of queue '{_queue.Directory}' was given up by retention; the oldest message is at "
                + $"{(indexes[0] * _queue.SegmentBytes) + SegmentLayout.HeaderBytes}. SeekToStart() goes on there; a named tailer would have kept it.",
                _queue.Files.SegmentPath(index), StorageFailure.NotFound);
        }
    }

    private void GoTo(long position)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        LeaveSegment();
        _basePosition = position / _queue.SegmentBytes * _queue.SegmentBytes;
        _offset = position - _basePosition;
    }

    private void LeaveSegment()
    {
        _memory = default;
        if (_segment is not null)
        {
            _queue.Segments.Release(_segment);
            _segment = null;
        }
    }
}
