using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Brings the log of a queue to the device, as far as it is committed, and remembers how far that is. After one flush that failed it
/// refuses for good: the kernel has given the pages up, and a later flush that succeeds would say nothing about them.
/// </summary>
/// <remarks>Thread-safe. Made when the first durable append or wait of a queue object comes.</remarks>
internal sealed class DurableLog : IDisposable
{
    private readonly object _flushGate = new();
    private readonly EstreamQueue _queue;
    private readonly IClock _clock;
    private readonly DurabilityRecord _record;
    private readonly CommittedLogFlusher _committed;
    private volatile EstreamStorageException? _failure;
    private volatile EstreamException? _trouble;
    private long _flushingTo;

    public DurableLog(EstreamQueue queue, QueueOptions options)
    {
        _queue = queue;
        _clock = options.Clock;
        _record = queue.Record;
        _flushingTo = _record.Durable;
        _committed = new CommittedLogFlusher(queue);
        Waiters = new DurableWaiters(queue.Directory);
        Flusher = new Flusher(this, options);
    }

    public DurableWaiters Waiters { get; }

    public Flusher Flusher { get; }

    /// <summary>Up to where the log is on the device, as far as any process knows.</summary>
    public long Durable => _record.Durable;

    /// <summary>Whether a flush has failed, here or in another process, so that none will say anything any more.</summary>
    public bool HasFailed => _failure is not null || _record.FailedAt != 0;

    /// <summary>Up to where the flush that was begun last goes.</summary>
    public long FlushingTo => Volatile.Read(ref _flushingTo);

    /// <exception cref="EstreamStorageException">A flush has failed, in this process or in another one.</exception>
    public void ThrowIfFailed()
    {
        if (HasFailed)
        {
            throw Refusal();
        }
    }

    /// <summary>Flushes until a message is on the device. In a shared log that takes until every claim before it is committed.</summary>
    /// <exception cref="EstreamStorageException">The device did not take it, now or before.</exception>
    public void FlushThrough(long position)
    {
        IdleStrategy idle = IdleStrategy.Backoff();
        while (true)
        {
            ThrowIfFailed();
            if (Durable > position)
            {
                return;
            }

            // Whoever waits here meanwhile finds that this flush was for its message too.
            lock (_flushGate)
            {
                if (Durable <= position)
                {
                    FlushCommitted();
                }
            }

            idle.Idle(Durable > position ? 1 : 0);
        }
    }

    /// <summary>Flushes everything that is committed, and lets those go on who wait for it, or tells them why not.</summary>
    public void FlushForWaiters()
    {
        try
        {
            lock (_flushGate)
            {
                FlushCommitted();
            }

            _trouble = null;
        }
        catch (EstreamException failure)
        {
            _trouble = failure;
            Waiters.Fail(failure);
        }
    }

    /// <exception cref="EstreamException">The last flush for those who wait failed, for good or for now.</exception>
    public void ThrowIfTroubled()
    {
        ThrowIfFailed();
        if (_trouble is { } trouble)
        {
            throw new EstreamStorageException(
                $"Queue '{_queue.Directory}' could not be brought to its device. {trouble.Message}", trouble.Path, StorageFailure.Other,
                trouble);
        }
    }

    /// <summary>Refuses durable appends from here on: what was written may be lost.</summary>
    public void Fail(EstreamStorageException cause)
    {
        _failure = cause;
        if (_record.FailedAt == 0)
        {
            _record.SetFailedAt(_clock.UtcNanos);
        }

        Waiters.Fail(Refusal());
    }

    public void Dispose()
    {
        Flusher.Dispose();
        Waiters.Close();
        lock (_flushGate)
        {
            // A flush that is under way ends first.
            _committed.LeaveSegment();
        }
    }

    private void FlushCommitted()
    {
        ThrowIfFailed();
        try
        {
            FlushSegments();
        }
        catch
        {
            // Nothing is under way any more: who waits has to ask anew, and would not where a flush gets to its message anyway.
            Volatile.Write(ref _flushingTo, Durable);
            throw;
        }
        finally
        {
            _committed.LeaveSegment();
        }

        Waiters.Complete(Durable);
    }

    private void FlushSegments()
    {
        bool goesOn = _committed.TryStart(Durable);
        while (goesOn)
        {
            Volatile.Write(ref _flushingTo, _committed.FindCommittedEnd(out bool isEnded));
            FlushFound(isEnded);

            // Another process may have been told of a failure that concerned the same pages.
            ThrowIfFailed();
            _record.RaiseDurable(_committed.Position);
            goesOn = isEnded && _committed.TryEnterNext();
            if (goesOn)
            {
                NotePosition();
            }
        }
    }

    // How far back a recovery starts to look. The kernel writes it some time, too: a failure here makes nothing untrue.
    private void NotePosition()
    {
        try
        {
            _record.Flush();
        }
        catch (EstreamStorageException failure) when (failure.Reason == StorageFailure.Device)
        {
            Fail(failure);
            throw Refusal();
        }
    }

    private void FlushFound(bool isEnded)
    {
        try
        {
            _committed.FlushFound(isEnded);
        }
        catch (EstreamStorageException failure) when (failure.Reason == StorageFailure.Device)
        {
            Fail(failure);
            throw Refusal();
        }
    }

    private EstreamStorageException Refusal() => new(
        $"What was appended to queue '{_queue.Directory}' from position {Durable} on may not be on its device: a flush failed, and no "
        + "later one can make up for it. "
        + "Durable appends are refused from here on, others go on. Dispose the queue in every process, check the device, and open it "
        + "again: it is then checked and written anew. "
        + (_failure is null ? "The flush failed in another process." : _failure.Message),
        _failure?.Path ?? _queue.Directory, StorageFailure.Device, _failure);
}
