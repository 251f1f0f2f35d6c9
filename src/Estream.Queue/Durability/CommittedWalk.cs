using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Goes along the log as far as everything is committed, whoever appends, and flushes what it passes: after <see cref="FlushOn"/> all up to
/// <see cref="Position"/> is on the device, with the lengths and names of the files. One thread at a time.
/// </summary>
/// <remarks>Between <see cref="Rest"/> and the next start it is in no segment, so that retention need not wait for somebody to flush
/// again.</remarks>
internal sealed class CommittedWalk(EstreamQueue queue)
{
    private const long None = -1;

    private Segment? _segment;
    private long _index = None;
    private long _offset;

    // Bytes of the segment that are on the device, from its start on; more than what is walked once the end-of-segment frame is.
    private long _flushed;
    private bool _isNamed;

    // How far the last Look got.
    private long _walked;

    /// <summary>Up to where everything is flushed; 0 before the first segment is entered.</summary>
    public long Position => _index == None ? 0 : (_index * queue.SegmentBytes) + _offset;

    /// <summary>
    /// Whether there is a segment to walk in. The walk goes on where it was, if that is still there; else it starts where the log was on
    /// the device before, or at its oldest segment.
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

    /// <summary>Walks to the first place in this segment that is not committed.</summary>
    /// <param name="isEnded">Whether that is the end-of-segment frame.</param>
    /// <returns>Its position.</returns>
    /// <exception cref="EstreamCorruptionException">A frame contradicts the format.</exception>
    public long Look(out bool isEnded)
    {
        Segment segment = _segment!;
        RegionSpan memory = segment.Memory;
        _walked = Math.Max(_offset, SegmentLayout.HeaderBytes);
        isEnded = false;
        int word;
        while (!isEnded && !FrameCheck.IsPending(segment, word = memory.ReadInt32Acquire(_walked)))
        {
            isEnded = FrameCheck.IsEndOfSegment(memory, _walked, word);
            if (!isEnded)
            {
                if (!FrameCheck.HoldsMessages(segment, _walked, word) && !FrameCheck.IsSkipped(segment, _walked, word))
                {
                    FrameCheck.RequireMessage(segment, _walked, word);
                }

                _walked += FrameLayout.StrideOfAny(word);
            }
        }

        return (segment.Index * queue.SegmentBytes) + _walked;
    }

    /// <summary>Brings what the last <see cref="Look"/> passed to the device.</summary>
    /// <exception cref="EstreamStorageException">The device did not take it.</exception>
    public void FlushOn(bool isEnded)
    {
        Segment segment = _segment!;
        long end = isEnded ? _walked + FrameLayout.HeaderBytes : _walked;
        if (end > _flushed)
        {
            segment.Region.Flush(_flushed, end - _flushed);
        }

        // Only once the contents are there: a name without them would be worse than none.
        if (!_isNamed)
        {
            queue.Files.Storage.SyncDirectory(queue.Directory);
            _isNamed = true;
        }

        _flushed = Math.Max(_flushed, end);
        _offset = _walked;
    }

    /// <summary>Goes on to the next segment, if it is there.</summary>
    public bool TryMoveOn()
    {
        if (queue.Segments.Acquire(_segment!.Index + 1) is not { } next)
        {
            return false;
        }

        queue.Segments.Release(_segment);
        Enter(next, 0);
        return true;
    }

    /// <summary>Leaves the segment.</summary>
    public void Rest()
    {
        if (_segment is not null)
        {
            queue.Segments.Release(_segment);
            _segment = null;
        }
    }

    // What is before the offset is on the device: the header too, unless that is the segment's start.
    private void Enter(Segment segment, long offset)
    {
        _segment = segment;
        _index = segment.Index;
        _offset = offset;
        _flushed = offset;
        _isNamed = false;
    }
}
