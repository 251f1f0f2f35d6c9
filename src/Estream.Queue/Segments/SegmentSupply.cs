using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Prepares the next segment before an exclusive appender needs it: another thread creates or reuses a file and populates its pages while
/// the current segment fills.
/// </summary>
internal sealed class SegmentSupply : IDisposable
{
    private readonly object _gate = new();
    private readonly EstreamQueue _queue;
    private readonly QueueFiles _files;
    private readonly SegmentSource _source;

    // Protects the name of the spare from shared appenders that may still be preparing a segment.
    private readonly IDisposable _lock;
    private Task<MemoryRegion>? _preparing;

    /// <exception cref="EstreamLeaseException">A process that had shared appenders is still preparing a segment and makes no
    /// progress.</exception>
    public SegmentSupply(EstreamQueue queue)
    {
        _queue = queue;
        _files = queue.Files;
        _source = new SegmentSource(queue);
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
    public static long NextProgress(Segment segment, long offset) =>
        offset < SegmentSource.PrepareAt(segment) ? SegmentSource.PrepareAt(segment) : segment.Memory.Length;

    /// <summary>Called when the appender has reached an offset of its segment. Starts to prepare the next segment if the offset is far
    /// enough.</summary>
    public void Progress(Segment segment, long offset)
    {
        if (offset >= SegmentSource.PrepareAt(segment))
        {
            lock (_gate)
            {
                _preparing ??= StartPreparing(segment.Index + 1);
            }
        }
    }

    /// <summary>A segment without header, ready to be published. Waits for a running preparation, otherwise creates the segment.</summary>
    /// <param name="index">The segment: the first one, or the one after the segment of <see cref="Progress"/>.</param>
    /// <exception cref="EstreamStorageException">The segment could not be created.</exception>
    public MemoryRegion Take(long index)
    {
        Task<MemoryRegion>? prepared;
        lock (_gate)
        {
            prepared = _preparing;
            _preparing = null;
        }

        // A preparation that failed earlier (the disk was full) may succeed now.
        return prepared is not null && SegmentSource.WaitQuietly(prepared) ? prepared.Result : Prepare(index);
    }

    /// <summary>Gives a segment its header and name: it is part of the log from now on.</summary>
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

    /// <summary>Waits for a segment in preparation and deletes it.</summary>
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
            // The file is useless, and the next appender deletes it; the lease has to be released anyway.
        }
    }

    // A separate method, because the closure is allocated at the start of the method that creates it.
    private Task<MemoryRegion> StartPreparing(long index) =>
        Task.Factory.StartNew(() => Prepare(index), CancellationToken.None, TaskCreationOptions.None, _queue.Background);

    private MemoryRegion Prepare(long index)
    {
        MemoryRegion spare = _source.Get(index, out _);
        spare.Prefault(0, spare.Length);
        return spare;
    }
}
