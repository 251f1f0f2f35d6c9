using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// Seeking by position.
public sealed partial class QueueTailer
{
    private const int OldestAttempts = 100;

    /// <summary>Moves to the oldest message that the queue has. From then on retention keeps that message.</summary>
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

            // Retention deleted the segment between listing the directory and pinning it: retry.
        }

        Commit();
    }

    /// <summary>Moves to the end of the log. Scans the last segment, so it costs up to a few milliseconds.</summary>
    /// <exception cref="EstreamCorruptionException">The last segment is damaged. The tailer does not move.</exception>
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
                Show(_segment!);
            }

            return true;
        });
        Commit();
    }

    /// <summary>Moves to a message.</summary>
    /// <param name="position">A position returned by an append or taken from a message, or the end of the log.</param>
    /// <exception cref="ArgumentException">No message starts at the position: it never did, or recovery truncated the message. The tailer
    /// does not move.</exception>
    /// <exception cref="EstreamStorageException">Retention has deleted the message.</exception>
    /// <exception cref="EstreamCorruptionException">The segment is damaged before the position. The tailer does not move.</exception>
    /// <remarks>
    /// Verifies the checksums of the message and of a message about 64 KiB before it, and scans the headers of the messages in between.
    /// This takes some microseconds. Without checksums it scans the segment, up to a few milliseconds.
    /// </remarks>
    public void Seek(long position)
    {
        if (!TrySeek(position))
        {
            throw new ArgumentException(
                $"No message of queue '{_queue.Directory}' starts at position {position}. Use the position of an append or a message.",
                nameof(position));
        }
    }

    /// <summary>Moves to a frame, if one starts at a position. For positions from outside, such as those of a network peer.</summary>
    /// <param name="position">Any number.</param>
    /// <returns>Whether a frame starts there, or the log ends there. If not, the tailer does not move. If the frame is not a message
    /// (the end of a segment, an aborted claim, an encrypted block), the next read returns the message after it: compare its
    /// position.</returns>
    /// <exception cref="EstreamStorageException">Retention has deleted the message.</exception>
    /// <exception cref="EstreamCorruptionException">The segment is damaged before the position. The tailer does not move.</exception>
    /// <remarks>Costs as much as <see cref="Seek"/>.</remarks>
    public bool TrySeek(long position)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        bool found = StayUnless(() =>
        {
            GoTo(Math.Max(position, 0));
            return position >= SegmentLayout.HeaderBytes && (TryEnterSegment() ? StartsFrame() : position == _queue.OldestPosition());
        });
        if (found)
        {
            Commit();
        }

        return found;
    }

    // Releases the current segment only after another one is pinned, so a failed attempt changes nothing.
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

    // The position in a cursor is a single store outside the checked header, so it is verified before use.
    private void GoToCursor(TailerCursor cursor, long position)
    {
        GoTo(Math.Max(position, 0));
        if (!CanStartFrame() || !HoldOrFuture(position))
        {
            LeaveSegment();
            throw NoMessageAtCursor(cursor);
        }
    }

    // Called whenever a segment is entered. Verifies the position of the cursor, once.
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
            $"'{cursor.Path}' contains position {cursor.Position}, where queue '{_queue.Directory}' has no message. "
            + "Restore it from a copy, or delete it: the name then starts at the oldest message.", cursor.Path,
                MetadataLayout.CursorPositionOffset);

    // Accepts a position that retention has deleted, or before which the segment is damaged. TryRead reports the error later, when the
    // tailer exists and can seek elsewhere.
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

    // Checks the offset as far as possible without reading the segment.
    private bool CanStartFrame() => _offset >= SegmentLayout.HeaderBytes
        && _offset <= _queue.Files.BytesOf(_basePosition / _queue.SegmentBytes) - FrameLayout.HeaderBytes && (_offset & 7) == 0;

    private bool StartsFrame()
    {
        if (!CanStartFrame() || _queue.Limit?.IsBehind(_segment!.Index, _offset) == true)
        {
            return false;
        }

        if (_segment!.IsEncrypted)
        {
            return TryPlace();
        }

        int word = _memory.ReadInt32Acquire(_offset);
        ShowUpTo(_segment, _offset + FrameLayout.StrideOfAny(word) + FrameLayout.HeaderBytes);
        bool isWhole = _segment.HasChecksums && FrameLayout.IsMessage(word) && FrameCheck.Fits(_memory, _offset, word)
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
