using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

/// <summary>
/// The part of a log that a quorum of other machines has, as reported by a replicator; see <see cref="EstreamQueue.OpenQuorum"/>.
/// Messages with <see cref="Durability.Quorum"/> and <see cref="Durability.QuorumAndFlush"/> wait for it. Thread-safe.
/// </summary>
public sealed class QueueQuorum : IDisposable
{
    private readonly EstreamQueue _queue;
    private readonly DurableWaiters _waiters;
    private long _position;
    private volatile EstreamStorageException? _failure;

    internal QueueQuorum(EstreamQueue queue)
    {
        _queue = queue;
        _waiters = new DurableWaiters(queue.Directory);
    }

    /// <summary>Every message before this position is on a quorum; 0 before the first report. One memory load.</summary>
    public long Position => Volatile.Read(ref _position);

    /// <summary>Called when a caller begins to wait for messages that are not on a quorum, from any thread. A replicator need not look for
    /// new messages as often.</summary>
    internal Action? Awaited { get; set; }

    /// <summary>Reports that a quorum has every message before a position, and completes the waits for those messages. A position before
    /// an earlier report is ignored.</summary>
    /// <param name="position">A position at which a frame starts, or the end of the log.</param>
    public void AdvanceTo(long position)
    {
        long seen = Position;
        while (position > seen)
        {
            long found = Interlocked.CompareExchange(ref _position, position, seen);
            if (found == seen)
            {
                break;
            }

            seen = found;
        }

        _waiters.Complete(Position);
    }

    /// <summary>Ends all waits with an error and refuses appends with <see cref="Durability.Quorum"/> and <see
    /// cref="Durability.QuorumAndFlush"/> from now on, for example because another machine has taken over the queue.</summary>
    /// <param name="failure">The error. Its message says what to do. Waits and appends throw it as an <see
    /// cref="EstreamStorageException"/>, as they do for a failed flush.</param>
    public void Fail(EstreamException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        _failure = failure as EstreamStorageException
            ?? new EstreamStorageException(failure.Message, failure.Path, StorageFailure.Other, failure);
        _waiters.Fail(_failure);
    }

    /// <summary>Ends all waits. Messages of the queue can no longer wait for a quorum.</summary>
    public void Dispose()
    {
        _queue.CloseQuorum(this);
        _waiters.Close();
    }

    internal void ThrowIfFailed()
    {
        if (_failure is { } failure)
        {
            throw failure;
        }
    }

    internal ValueTask WaitAsync(long position, CancellationToken cancellation)
    {
        ThrowIfFailed();
        if (Position > position)
        {
            return default;
        }

        ValueTask wait = _waiters.Add(position, cancellation);

        // A report or a failure between the check and the insertion into the list did not see this wait.
        if (_failure is { } failure)
        {
            _waiters.Fail(failure);
        }
        else
        {
            _waiters.Complete(Position);
            Awaited?.Invoke();
        }

        return wait;
    }

    internal void Wait(long position, CancellationToken cancellation)
    {
        _waiters.Enter();
        try
        {
            Awaited?.Invoke();
            while (Position <= position)
            {
                ThrowIfFailed();
                cancellation.ThrowIfCancellationRequested();
                _waiters.Block();
            }
        }
        finally
        {
            _waiters.Leave();
        }
    }
}
