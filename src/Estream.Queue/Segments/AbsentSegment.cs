namespace Estream.Queue.Internal;

/// <summary>
/// The segment a tailer found to be not there yet. Until it is, only its name is asked for, which allocates nothing: the writer may be
/// kept from making it for a while, and the directory is listed again only now and then.
/// </summary>
internal struct AbsentSegment
{
    private const long ListedAgainNanos = 10_000_000;

    private string? _path;
    private long _index;
    private long _since;

    /// <summary>Whether this is the segment, it still has no file, and the directory was listed a moment ago.</summary>
    public readonly bool Is(EstreamQueue queue, long index)
    {
        if (_path is null || _index != index || queue.Files.Storage.FileExists(_path))
        {
            return false;
        }

        long passed = queue.Clock.CoarseUtcNanos - _since;
        return passed is >= 0 and < ListedAgainNanos;
    }

    /// <summary>Notes that the directory was listed, and that the segment is to come.</summary>
    public void Note(EstreamQueue queue, long index)
    {
        if (_path is null || _index != index)
        {
            _path = queue.Files.SegmentPath(index);
            _index = index;
        }

        _since = queue.Clock.CoarseUtcNanos;
    }
}
