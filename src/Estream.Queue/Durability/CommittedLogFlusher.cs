using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Flushes the committed part of the log, by any appender: after <see cref="FlushFound"/> everything up to <see cref="Position"/> is
/// durable, including the lengths and names of the files. Not thread-safe.
/// </summary>
/// <remarks>Between <see cref="LeaveSegment"/> and the next start no segment is pinned, so retention does not wait for the next
/// flush.</remarks>
internal sealed class CommittedLogFlusher(EstreamQueue queue)
{
    private const long None = -1;

    private Segment? _segment;
    private long _index = None;
    private long _offset;

    // Durable bytes of the segment, from its start; more than the scanned bytes once the end-of-segment frame is durable.
    private long _flushed;
    private bool _isNamed;

    // The result of the last FindCommittedEnd, as an offset.
    private long _committedEnd;

    /// <summary>The position up to which everything is flushed; 0 before the first segment is entered.</summary>
    public long Position => _index == None ? 0 : (_index * queue.SegmentBytes) + _offset;

    /// <summary>
    /// Whether there is a segment to scan. The scan continues where it stopped if that segment still exists; otherwise it starts at the
    /// durable position, or at the oldest segment.
    /// </summary>
    public bool TryStart(long durable)
    {
        if (_index != None && queue.Segments.Acquire(_index) is { } resumed)
        {
            _segment = resumed;
            return true;
        }

        long known = durable / queue.SegmentBytes;
        foreach (long index in queue.Files.ListSegments())
        {
            if (index >= known && queue.Segments.Acquire(index) is { } segment)
            {
                Enter(segment, index == known && durable > 0 ? durable % queue.SegmentBytes : 0);
                return true;
            }
        }

        return false;
    }

    /// <summary>Scans to the first uncommitted frame of this segment, or to its end-of-segment frame.</summary>
    /// <param name="isEnded">Whether the scan stopped at the end-of-segment frame.</param>
    /// <returns>The position of the frame.</returns>
    /// <exception cref="EstreamCorruptionException">A frame violates the format.</exception>
    public long FindCommittedEnd(out bool isEnded)
    {
        Segment segment = _segment!;
        RegionSpan memory = segment.Memory;
        _committedEnd = Math.Max(_offset, SegmentLayout.HeaderBytes);
        isEnded = false;
        segment.EnsureLoaded(_committedEnd, BlockLayout.HeaderBytes);
        int word;
        while (!isEnded && !FrameCheck.IsPending(segment, word = memory.ReadInt32Acquire(_committedEnd)))
        {
            isEnded = FrameCheck.IsEndOfSegment(memory, _committedEnd, word);
            if (!isEnded)
            {
                if (!FrameCheck.HoldsMessages(segment, _committedEnd, word) && !FrameCheck.IsSkipped(segment, _committedEnd, word))
                {
                    FrameCheck.RequireMessage(segment, _committedEnd, word);
                }

                _committedEnd += FrameLayout.StrideOfAny(word);
                segment.EnsureLoaded(_committedEnd, BlockLayout.HeaderBytes);
            }
        }

        return (segment.Index * queue.SegmentBytes) + _committedEnd;
    }

    /// <summary>Flushes the frames that the last <see cref="FindCommittedEnd"/> scanned.</summary>
    /// <exception cref="EstreamStorageException">The flush failed.</exception>
    public void FlushFound(bool isEnded)
    {
        Segment segment = _segment!;
        long end = isEnded ? _committedEnd + FrameLayout.HeaderBytes : _committedEnd;
        if (end > _flushed)
        {
            segment.Region.Flush(_flushed, end - _flushed);
        }

        // The name is flushed after the contents: a durable name without contents would be worse than no name.
        if (!_isNamed)
        {
            queue.Files.Storage.SyncDirectory(queue.Directory);
            _isNamed = true;
        }

        _flushed = Math.Max(_flushed, end);
        _offset = _committedEnd;
    }

    /// <summary>Enters the next segment that exists. Retention may have deleted the segments after a segment that was pinned for a long
    /// time.</summary>
    public bool TryEnterNext()
    {
        if ((queue.Segments.Acquire(_segment!.Index + 1) ?? FirstAfter(_segment.Index)) is not { } next)
        {
            return false;
        }

        queue.Segments.Release(_segment);
        Enter(next, 0);
        return true;
    }

    private Segment? FirstAfter(long index)
    {
        foreach (long later in queue.Files.ListSegments().Where(segment => segment > index))
        {
            if (queue.Segments.Acquire(later) is { } segment)
            {
                return segment;
            }
        }

        return null;
    }

    /// <summary>Unpins the segment.</summary>
    public void LeaveSegment()
    {
        if (_segment is not null)
        {
            queue.Segments.Release(_segment);
            _segment = null;
        }
    }

    // Everything before the offset is durable, including the header, unless the offset is the start of the segment.
    private void Enter(Segment segment, long offset)
    {
        _segment = segment;
        _index = segment.Index;
        _offset = offset;
        _flushed = offset;
        _isNamed = false;
    }
}
