using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Prepares the next segment before the shared appenders of all processes need it. One of them creates the file, all zeros, while the
/// current segment fills; each maps it and populates its pages ahead of time.
/// </summary>
/// <remarks>
/// The process that creates the file as spare.new holds spare.lock; the rename to spare.ready marks the file complete. The process that
/// gives the file its header and number holds rotate.lock.
/// </remarks>
internal sealed class SharedSupply : IDisposable
{
    // Attempts for a few seconds. If all fail, another process was stopped while it creates the file, or an exclusive appender exists. An
    // appender that needs a segment then creates it.
    private const int Attempts = 600;

    private readonly object _gate = new();
    private readonly EstreamQueue _queue;
    private readonly QueueFiles _files;
    private readonly SegmentSource _source;
    private readonly CancellationTokenSource _ended = new();
    private Task? _preparing;

    // The highest segment that this process has prepared a file for. Only the first segments of a queue differ in size.
    private long _next;

    public SharedSupply(EstreamQueue queue)
    {
        _queue = queue;
        _files = queue.Files;
        _source = new SegmentSource(queue);
    }

    /// <summary>Starts preparing in the background, unless it is running.</summary>
    /// <param name="index">The segment to prepare a file for.</param>
    public void Prepare(long index)
    {
        lock (_gate)
        {
            Expect(index);
            if (_preparing is null or { IsCompleted: true } && !_ended.IsCancellationRequested)
            {
                _preparing = Task.Factory.StartNew(PrepareQuietly, CancellationToken.None, TaskCreationOptions.None, _queue.Background);
            }
        }
    }

    /// <summary>Turns the ready file into a segment. The caller holds rotate.lock, and the segment does not exist.</summary>
    /// <param name="header">The header of the segment.</param>
    /// <param name="mayWait">Whether to return without a segment if another process is preparing the file; that process may be
    /// stopped. The method also returns without a segment if the prepared file is too small.</param>
    /// <exception cref="EstreamStorageException">No file could be created: the disk is full.</exception>
    public void Publish(in SegmentHeader header, bool mayWait)
    {
        Expect(header.Index);
        string path = _files.ReadyPath;
        if (!TryMake(map: false))
        {
            if (mayWait)
            {
                return;
            }

            path = _files.RotatePath;
            _source.MakeFirstNameDurable();
            _files.Storage.Delete(path);
            _files.Storage.CreateRegion(path, _files.FileBytesOf(header.Index)).Dispose();
        }

        using MemoryRegion file = _files.Storage.OpenRegion(path, RegionAccess.ReadWrite);

        // A process that died before the rename may have left a header in the file. Without the name it is not valid.
        file.All.WriteInt64Release(SegmentLayout.MagicOffset, 0);
        if (file.Length < _files.FileBytesOf(header.Index))
        {
            // Another process prepared the file late, for an earlier and smaller segment. The caller tries again.
            _files.Storage.Delete(path);
            return;
        }

        Segment.WriteHeader(file.All, header);
        _files.Storage.Rename(path, _files.SegmentPath(header.Index));
    }

    /// <summary>Deletes the ready file of appenders that no longer exist.</summary>
    public static void Discard(QueueFiles files)
    {
        if (files.Storage.FileExists(files.ReadyPath))
        {
            // An old mapping of the file must not be taken for a segment.
            using (MemoryRegion ready = files.Storage.OpenRegion(files.ReadyPath, RegionAccess.ReadWrite))
            {
                ready.All.WriteInt64Release(SegmentLayout.MagicOffset, 0);
            }

            files.Storage.Delete(files.ReadyPath);
        }
    }

    public void Dispose()
    {
        Task? preparing;
        lock (_gate)
        {
            _ended.Cancel();
            preparing = _preparing;
        }

        if (preparing is not null)
        {
            _ = SegmentSource.WaitQuietly(preparing);
        }

        _ended.Dispose();
    }

    private void Expect(long index)
    {
        long known;
        while ((known = Volatile.Read(ref _next)) < index && Interlocked.CompareExchange(ref _next, index, known) != known)
        {
        }
    }

    private void PrepareQuietly()
    {
        try
        {
            IdleStrategy idle = IdleStrategy.Backoff(10_000);
            for (int attempt = 0; attempt < Attempts && !_ended.IsCancellationRequested && !TryMake(map: true); attempt++)
            {
                idle.Idle(0);
            }
        }
        catch (EstreamException)
        {
            // The disk is full, or the segment was published in the meantime. An appender that needs a segment retries and reports the
            // error.
        }
    }

    /// <returns>Whether the ready file exists; false while another process creates it.</returns>
    private bool TryMake(bool map)
    {
        if (!_files.Storage.FileExists(_files.ReadyPath))
        {
            using IDisposable? held = _files.Storage.TryLock(_files.SpareLockPath, LockMode.Exclusive);
            if (held is null)
            {
                return false;
            }

            if (!_files.Storage.FileExists(_files.ReadyPath))
            {
                MemoryRegion made = Make();
                if (map)
                {
                    MapAhead(made);
                }
                else
                {
                    made.Dispose();
                }

                return true;
            }
        }

        if (map)
        {
            MapAhead(_files.Storage.OpenRegion(_files.ReadyPath, RegionAccess.ReadWrite));
        }

        return true;
    }

    private MemoryRegion Make()
    {
        MemoryRegion spare = _source.Get(Volatile.Read(ref _next), out bool isReused);
        try
        {
            if (isReused)
            {
                Clear(spare.All);
            }

            // Retention locked the file; the next users lock it themselves.
            spare.Unlock();
            _files.Storage.Rename(_files.SparePath, _files.ReadyPath);
            return spare;
        }
        catch
        {
            spare.Dispose();
            throw;
        }
    }

    public static void Clear(RegionSpan memory)
    {
        const int Step = 1 << 20;
        for (long offset = 0; offset < memory.Length; offset += Step)
        {
            memory.Span(offset, (int)Math.Min(Step, memory.Length - offset)).Clear();
        }
    }

    private void MapAhead(MemoryRegion spare)
    {
        spare.Prefault(0, spare.Length);
        _queue.Segments.MapAhead(spare);
    }
}
