namespace Estream.Queue.Internal;

/// <summary>
/// The segment that a tailer found missing. Its writer may need a while to create it. Until the segment exists, only its name is checked,
/// which allocates nothing, and the directory is listed again only occasionally.
/// </summary>
internal struct AbsentSegment
{
    private const long ListedAgainNanos = 10_000_000;

    private string? _path;
    private long _index;
    private long _since;

    /// <summary>Whether this is the segment, its file does not exist yet, and the directory was listed recently.</summary>
    public readonly bool Is(EstreamQueue queue, long index)
    {
        if (_path is null || _index != index || queue.Files.Storage.FileExists(_path))
        {
            return false;
        }

        long passed = queue.Clock.CoarseUtcNanos - _since;
        return passed is >= 0 and < ListedAgainNanos;
    }

    /// <summary>Records that the directory was listed and the segment does not exist yet.</summary>
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
