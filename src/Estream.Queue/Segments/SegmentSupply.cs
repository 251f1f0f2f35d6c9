using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Has the next segment ready before an exclusive appender needs it: made or reused, and its pages brought in, by another thread while the
/// current one fills.
/// </summary>
internal sealed class SegmentSupply : IDisposable
{
    private readonly object _gate = new();
    private readonly EstreamQueue _queue;
    private readonly QueueFiles _files;
    private readonly SegmentSource _source;

    // Keeps what shared appenders of before may still be preparing away from the name of the spare.
    private readonly IDisposable _lock;
    private Task<MemoryRegion>? _preparing;

    /// <exception cref="EstreamLeaseException">A shared appender that is gone left a process that is preparing a segment, and does not get
    /// on.</exception>
    public SegmentSupply(EstreamQueue queue, QueueOptions options)
    {
        _queue = queue;
        _files = queue.Files;
        _source = new SegmentSource(queue, options);
        _lock = CreationLock.Take(_files.Storage, _files.Directory, SegmentLayout.SpareLockName);
        try
        {
            _files.Storage.Delete(_files.SparePath);
            SharedSupply.Discard(_files);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>The offset in a segment at which the appender should call <see cref="Progress"/> next.</summary>
    public long NextProgress(long offset) => offset < _source.PrepareAt ? _source.PrepareAt : _queue.SegmentBytes;

    /// <summary>Hears that the appender got to an offset of its segment, and starts preparing when that is far enough.</summary>
    public void Progress(long offset)
    {
        if (offset >= _source.PrepareAt)
        {
            lock (_gate)
            {
                _preparing ??= Task.Factory.StartNew(Prepare, CancellationToken.None, TaskCreationOptions.None, _queue.Background);
            }
        }
    }

    /// <summary>A segment without header, ready to be published. Waits if it is being prepared, and makes it if it is not.</summary>
    /// <exception cref="EstreamStorageException">It could not be made.</exception>
    public MemoryRegion Take()
    {
        Task<MemoryRegion>? prepared;
        lock (_gate)
        {
            prepared = _preparing;
            _preparing = null;
        }

        // One that failed a while ago (the disk was full) says nothing about now.
        return prepared is not null && SegmentSource.WaitQuietly(prepared) ? prepared.Result : Prepare();
    }

    /// <summary>Gives a taken segment its header and name: from then on it is part of the log.</summary>
    public Segment Publish(MemoryRegion spare, in SegmentHeader header)
    {
        try
        {
            return _queue.Segments.Publish(spare, header);
        }
        catch
        {
            spare.Dispose();
            throw;
        }
    }

    /// <summary>Waits for a segment that is being prepared and removes it.</summary>
    public void Dispose()
    {
        Task<MemoryRegion>? prepared;
        lock (_gate)
        {
            prepared = _preparing;
            _preparing = null;
        }

        if (prepared is not null && SegmentSource.WaitQuietly(prepared))
        {
            prepared.Result.Dispose();
            TryDeleteSpare();
        }

        _lock.Dispose();
    }

    private void TryDeleteSpare()
    {
        try
        {
            _files.Storage.Delete(_files.SparePath);
        }
        catch (EstreamStorageException)
        {
            // It is worth nothing and the next appender removes it; the right to append has to be given back all the same.
        }
    }

    private MemoryRegion Prepare()
    {
        MemoryRegion spare = _source.Get(out _);
        spare.Prefault(0, spare.Length);
        return spare;
    }
}
