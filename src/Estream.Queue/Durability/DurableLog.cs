using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Flushes the committed part of a queue and records the durable position. After one failed flush it refuses permanently: the kernel has
/// dropped the dirty pages, and a later successful flush would prove nothing about them.
/// </summary>
/// <remarks>Thread-safe. Created with the first durable append or wait of a queue object.</remarks>
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

    /// <summary>The durable position, as far as any process knows.</summary>
    public long Durable => _record.Durable;

    /// <summary>Whether a flush has failed in any process, so that no later flush proves anything.</summary>
    public bool HasFailed => _failure is not null || _record.FailedAt != 0;

    /// <summary>The position that the last started flush will reach.</summary>
    public long FlushingTo => Volatile.Read(ref _flushingTo);

    /// <exception cref="EstreamStorageException">A flush has failed, in this process or in another one.</exception>
    public void ThrowIfFailed()
    {
        if (HasFailed)
        {
            throw Refusal();
        }
    }

    /// <summary>Flushes until a message is durable. In a shared log this waits until every earlier claim is committed.</summary>
    /// <exception cref="EstreamStorageException">This flush or an earlier one failed.</exception>
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

            // A thread that waits for this lock checks again: the flush of the previous holder may have covered its message.
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

    /// <summary>Flushes everything committed, and completes or fails the waiters.</summary>
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

    /// <exception cref="EstreamException">The last flush for waiters failed, permanently or temporarily.</exception>
    public void ThrowIfTroubled()
    {
        ThrowIfFailed();
        if (_trouble is { } trouble)
        {
            throw new EstreamStorageException(
                $"Queue '{_queue.Directory}' could not be flushed to its device. {trouble.Message}", trouble.Path, StorageFailure.Other,
                trouble);
        }
    }

    /// <summary>Refuses durable appends from now on: written data may be lost.</summary>
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
            // Taking the lock has waited for a running flush.
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
            // No flush is running now. A waiter requests no flush while FlushingTo is after its message. Resetting FlushingTo makes the
            // waiter request another flush.
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

            // Another process may have received the error for the same pages.
            ThrowIfFailed();
            _record.RaiseDurable(_committed.Position);
            goesOn = isEnded && _committed.TryEnterNext();
            if (goesOn)
            {
                NotePosition();
            }
        }
    }

    // Flushes the position from which recovery starts. The kernel also writes its page eventually: a failure here breaks no promise.
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
        $"A flush of queue '{_queue.Directory}' failed: messages from position {Durable} on may not be durable. Durable appends are "
        + "refused until the queue is recovered; other appends continue. Dispose the queue in every process, check the disk, and open "
        + "the queue again: this checks and rewrites it. "
        + (_failure is null ? "The flush failed in another process." : _failure.Message),
        _failure?.Path ?? _queue.Directory, StorageFailure.Device, _failure);
}
