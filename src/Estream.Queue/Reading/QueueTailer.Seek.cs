using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// Going elsewhere.
public sealed partial class QueueTailer
{
    private const int OldestAttempts = 100;

    /// <summary>Goes to the oldest message the queue still has, and from then on keeps retention from giving it up.</summary>
    public void SeekToStart()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        for (int attempt = 0; attempt < OldestAttempts; attempt++)
        {
            GoTo(_queue.OldestPosition());
            if (TryHold() || Position == _queue.OldestPosition())
            {
                break;
            }

            // Retention took it between the look at the directory and the hold on it: look again.
        }

        Commit();
    }

    /// <summary>Goes behind the newest message. Walks the last segment, so it costs up to a few milliseconds.</summary>
    /// <exception cref="EstreamCorruptionException">The last segment is damaged. The tailer stays where it was.</exception>
    public void SeekToEnd()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _ = StayUnless(() =>
        {
            IReadOnlyList<long> indexes = _queue.ListSegments();
            ReadLimit? limit = _queue.Limit;
            GoTo((Math.Max(0, limit?.Index ?? (indexes.Count == 0 ? 0 : indexes[^1])) * _queue.SegmentBytes) + SegmentLayout.HeaderBytes);
            if (TryEnterSegment())
            {
                _offset = limit?.End.Offset ?? TailScanner.FindEnd(_segment!).Offset;
            }

            return true;
        });
        Commit();
    }

    /// <summary>Goes to a message.</summary>
    /// <param name="position">A position that an append or a message gave, or the end of the log.</param>
    /// <exception cref="ArgumentException">No message of the log starts there: none at all, or one that a recovery has cut off. The tailer
    /// stays where it was.</exception>
    /// <exception cref="EstreamStorageException">The message was there but has been given up by retention.</exception>
    /// <exception cref="EstreamCorruptionException">The segment is damaged before the position, and what is there is no whole message. The
    /// tailer stays where it was.</exception>
    /// <remarks>
    /// Costs checksums of the message and of one some 64 KiB before it, and a walk over the headers of those between the two: some
    /// microseconds. Where the queue has no checksums, a walk of the segment, up to a few milliseconds.
    /// </remarks>
    public void Seek(long position)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        bool found = StayUnless(() =>
        {
            GoTo(Math.Max(position, 0));
            return position >= SegmentLayout.HeaderBytes && (TryEnterSegment() ? StartsFrame() : position == _queue.OldestPosition());
        });
        if (!found)
        {
            throw new ArgumentException(
                $"No message of queue '{_queue.Directory}' starts at position {position}. Use a position that an append or a message gave.",
                nameof(position));
        }

        Commit();
    }

    // The hold on the present segment is kept until there is another, so that a failed attempt leaves everything as it was.
    private bool StayUnless(Func<bool> found)
    {
        Segment? held = _segment;
        long before = Position;
        _segment = null;
        bool isFound = false;
        try
        {
            isFound = found();
            return isFound;
        }
        finally
        {
            if (!isFound)
            {
                GoTo(before);
                (held, _segment) = (null, held);
                if (_segment is not null)
                {
                    Show(_segment);
                }
            }

            if (held is not null)
            {
                _queue.Segments.Release(held);
            }
        }
    }

    // A cursor's position is one store beside the checked header, so it is looked at before it is believed.
    private void GoToCursor(TailerCursor cursor, long position)
    {
        GoTo(Math.Max(position, 0));
        if (!CanStartFrame() || !HoldOrFuture(position))
        {
            LeaveSegment();
            throw NoMessageAtCursor(cursor);
        }
    }

    // With every entry of a segment, as long as no look at the cursor's place has succeeded.
    private void RequireVerified()
    {
        if (_unverified)
        {
            if (!StartsFrame())
            {
                LeaveSegment();
                throw NoMessageAtCursor((_cursor ?? _heldCursor)!);
            }

            _unverified = false;
        }
    }

    private EstreamCorruptionException NoMessageAtCursor(TailerCursor cursor) =>
        new(
            $"'{cursor.Path}' says that its reader goes on at position {cursor.Position}, where queue '{_queue.Directory}' has no message. "
            + "Restore it from a copy, or delete it: the name then starts at the oldest message.", cursor.Path,
                MetadataLayout.CursorPositionOffset);

    // Given up by retention, or damaged before the position: TryRead says so, when the tailer can be sent elsewhere.
    private bool HoldOrFuture(long position)
    {
        try
        {
            return TryEnterSegment() ? StartsFrame() : position == _queue.OldestPosition();
        }
        catch (EstreamException)
        {
            LeaveSegment();
            _unverified = true;
            return true;
        }
    }

    // What needs no look into the segment.
    private bool CanStartFrame() => _offset >= SegmentLayout.HeaderBytes && _offset <= _queue.SegmentBytes - FrameLayout.HeaderBytes
        && (_offset & 7) == 0;

    private bool StartsFrame()
    {
        RegionSpan memory = _memory;
        if (!CanStartFrame() || _queue.Limit?.IsBehind(_segment!.Index, _offset) == true)
        {
            return false;
        }

        if (_segment!.IsEncrypted)
        {
            return TryPlace();
        }

        int word = memory.ReadInt32Acquire(_offset);
        bool isWhole = _segment.HasChecksums && FrameLayout.IsMessage(word) && FrameCheck.Fits(memory, _offset, word)
            && FrameCheck.ChecksumMatches(_segment, _offset, word);
        return FrameLookup.IsReached(_segment, _offset, isWhole);
    }

    private void GoTo(long position)
    {
        LeaveSegment();
        _unverified = false;
        _basePosition = position / _queue.SegmentBytes * _queue.SegmentBytes;
        _offset = position - _basePosition;
    }
}
