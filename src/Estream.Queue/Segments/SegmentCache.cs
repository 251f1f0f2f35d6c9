using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// The segments that this process has mapped. The appender and tailers of an <see cref="EstreamQueue"/> share the mappings. Some unused
/// ones stay mapped, since mapping again costs a page fault per page. Used only where segments change, so a lock is fast enough.
/// </summary>
/// <remarks>
/// A segment in use is locked (flock, shared) against reuse by the writer. An unused segment is not locked. Its file may become another
/// segment at any time, so the segment is validated when it is acquired again.
/// </remarks>
internal sealed class SegmentCache : IDisposable
{
    // A reader rarely returns, and a mapped file occupies disk space after the writer deletes it.
    private const int KeptByReader = 2;
    private const int KeptByWriter = 16;

    // About a second: a writer locks a segment exclusively for two system calls, but may be preempted between them.
    private const int OpenAttempts = 1_200;

    private readonly object _gate = new();
    private readonly Dictionary<long, Segment> _segments = [];
    private readonly List<long> _unused = [];
    private MemoryRegion? _ahead;
    private readonly QueueFiles _files;
    private readonly RegionAccess _access;
    private bool _disposed;

    public SegmentCache(QueueFiles files, RegionAccess access)
    {
        _files = files;
        _access = access;
    }

    /// <summary>Acquires a segment; return it with <see cref="Release"/>.</summary>
    /// <returns>The segment, or <see langword="null"/> if it does not exist yet or any more.</returns>
    public Segment? Acquire(long index)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(EstreamQueue));
            Segment? segment = TryReuseMapping(index) ?? TryOpen(index);
            if (segment is not null)
            {
                segment.Users++;
                _segments[index] = segment;
                _unused.Remove(index);
            }

            return segment;
        }
    }

    /// <summary>Gives a prepared segment its header and name, and adds it to the cache, acquired for the appender.</summary>
    public Segment Publish(MemoryRegion spare, in SegmentHeader header)
    {
        string path = _files.SegmentPath(header.Index);

        // One critical section: a tailer of this process that looks for the segment finds it here or not at all, and does not map it twice.
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(EstreamQueue));
            Segment.WriteHeader(spare.All, header);
            _ = spare.TryLock(LockMode.Shared);
            _files.Storage.Rename(_files.SparePath, path);
            Segment segment = Segment.Attach(spare, path, header.Index, _files, isLoaded: true);
            segment.Users = 1;
            _segments[header.Index] = segment;
            return segment;
        }
    }

    /// <summary>
    /// Adds a prepared segment to which any process may later give a header and name. When that segment is acquired, its mapping, whose
    /// pages are populated, is used.
    /// </summary>
    public void MapAhead(MemoryRegion spare)
    {
        lock (_gate)
        {
            _ahead?.Dispose();
            _ahead = _disposed ? null : spare;
            if (_disposed)
            {
                spare.Dispose();
            }
        }
    }

    public void Release(Segment segment)
    {
        lock (_gate)
        {
            if (--segment.Users > 0)
            {
                return;
            }

            segment.Region.Unlock();
            if (_disposed)
            {
                segment.Region.Dispose();
                return;
            }

            _unused.Add(segment.Index);
            if (_unused.Count > (_access == RegionAccess.ReadOnly ? KeptByReader : KeptByWriter))
            {
                Forget(_unused[0]);
            }
        }
    }

    /// <summary>
    /// Removes a segment from the log for reuse or deletion, if no process has pinned it. Afterwards its file has the name of the spare and
    /// is locked exclusively, and its header is invalid.
    /// </summary>
    public MemoryRegion? TryRetire(long index)
    {
        lock (_gate)
        {
            return TakeOut(index, segment =>
            {
                // The rename precedes the header: a crash in between leaves a spare, which is deleted later, and never a segment without a
                // header.
                _files.Storage.Rename(_files.SegmentPath(index), _files.SparePath);
                segment.All.WriteInt64Release(SegmentLayout.MagicOffset, 0);
            });
        }
    }

    /// <summary>Deletes a segment from the log, if no process has pinned it.</summary>
    /// <param name="index">The index of the segment.</param>
    /// <param name="syncNames">Flushes the directory entries of the segments.</param>
    /// <returns>Whether it was deleted.</returns>
    public bool TryRemove(long index, Action syncNames)
    {
        MemoryRegion? region;
        lock (_gate)
        {
            region = TakeOut(index, _ => _files.Storage.Delete(_files.SegmentPath(index)));
        }

        if (region is null)
        {
            return false;
        }

        using (region)
        {
            // This runs outside the lock, which appenders need. The name is durably deleted before the header is cleared: a process that
            // opened the file earlier learns from the header that it is not a segment any more.
            syncNames();
            region.All.WriteInt64Release(SegmentLayout.MagicOffset, 0);
            return true;
        }
    }

    /// <summary>
    /// Deletes the name of a segment that a reader has pinned. The reader still sees its content; readers that look for the segment later
    /// do not find it.
    /// </summary>
    /// <param name="index">The index of the segment, the oldest one.</param>
    /// <param name="syncNames">Flushes the directory entries of the segments.</param>
    public void Evict(long index, Action syncNames)
    {
        string path = _files.SegmentPath(index);
        using MemoryRegion? region = OpenIfPresent(path);
        if (region is null)
        {
            return;
        }

        _files.Storage.Delete(path);

        // The same order as in TryRemove. A process that has pinned the segment does not read the header again.
        syncNames();
        region.All.WriteInt64Release(SegmentLayout.MagicOffset, 0);
    }

    /// <summary>Whether any process has pinned a segment. A process that pins it at this moment has to retry.</summary>
    public bool IsInUse(long index)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(EstreamQueue));
            if (_segments.TryGetValue(index, out Segment? known) && known.Users > 0)
            {
                return true;
            }

            using MemoryRegion? region = OpenIfPresent(_files.SegmentPath(index));
            return region is not null && !region.TryLock(LockMode.Exclusive);
        }
    }

    private MemoryRegion? TakeOut(long index, Action<MemoryRegion> end)
    {
        if (_segments.TryGetValue(index, out Segment? known) && (known.Users > 0 || !known.Region.TryLock(LockMode.Exclusive)))
        {
            // A reader has pinned it. The mapping with its pages stays in the cache.
            return null;
        }

        Segment? segment = TryReuseMapping(index, LockMode.Exclusive) ?? TryOpen(index, LockMode.Exclusive, attempts: 1);
        if (segment is null)
        {
            return null;
        }

        _segments.Remove(index);
        _unused.Remove(index);
        try
        {
            end(segment.Region);
            return segment.Region;
        }
        catch
        {
            segment.Region.Dispose();
            throw;
        }
    }

    /// <summary>Unmaps unused segments; segments in use are unmapped when they are released.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (Segment segment in _segments.Values.Where(s => s.Users == 0))
            {
                segment.Region.Dispose();
            }

            _segments.Clear();
            _ahead?.Dispose();
            _ahead = null;
        }
    }

    private Segment? TryReuseMapping(long index, LockMode mode = LockMode.Shared)
    {
        if (!_segments.TryGetValue(index, out Segment? segment))
        {
            return null;
        }

        if (segment.Users > 0 || (segment.Region.TryLock(mode) && Segment.IsStill(segment.Region, index)))
        {
            return segment;
        }

        Forget(index);
        return null;
    }

    private Segment? TryOpen(long index, LockMode mode = LockMode.Shared, int attempts = OpenAttempts)
    {
        string path = _files.SegmentPath(index);
        IdleStrategy idle = IdleStrategy.Backoff();
        for (int attempt = 0; attempt < attempts && _files.Storage.FileExists(path); attempt++)
        {
            MemoryRegion? ahead = TakeAhead(index);
            MemoryRegion? region = ahead ?? OpenIfPresent(path);
            if (region is null)
            {
                break;
            }

            if (TryLockOrDispose(region, mode) && (Segment.IsStill(region, index) || _files.Storage.FileExists(path)))
            {
                return AttachOrDispose(region, path, index, isLoaded: ahead is not null);
            }

            // The writer is removing this segment from the log: in a moment its name is gone. Returning too early would look like the end
            // of the log.
            region.Dispose();
            idle.Idle(0);
        }

        return null;
    }

    private static bool TryLockOrDispose(MemoryRegion region, LockMode mode)
    {
        try
        {
            return region.TryLock(mode);
        }
        catch
        {
            region.Dispose();
            throw;
        }
    }

    // The caller has seen the name of the segment before this call checks the header. A header without the name may come from a process
    // that died; another process then writes the header again.
    private MemoryRegion? TakeAhead(long index)
    {
        if (_ahead is null || !Segment.IsStill(_ahead, index))
        {
            return null;
        }

        MemoryRegion region = _ahead;
        _ahead = null;
        return region;
    }

    private MemoryRegion? OpenIfPresent(string path)
    {
        try
        {
            return _files.Storage.OpenRegion(path, _access);
        }
        catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound)
        {
            return null;
        }
    }

    private Segment AttachOrDispose(MemoryRegion region, string path, long index, bool isLoaded)
    {
        try
        {
            return Segment.Attach(region, path, index, _files, isLoaded);
        }
        catch
        {
            region.Dispose();
            throw;
        }
    }

    private void Forget(long index)
    {
        if (_segments.TryGetValue(index, out Segment? segment) && segment.Users == 0)
        {
            _segments.Remove(index);
            _unused.Remove(index);
            segment.Region.Dispose();
        }
    }
}
