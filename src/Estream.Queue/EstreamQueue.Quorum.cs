using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// Waits for a quorum of other machines.
public sealed partial class EstreamQueue
{
    private readonly JointWaits _jointWaits = new();
    private volatile QueueQuorum? _quorum;

    /// <summary>
    /// Registers a replicator, which reports what a quorum of other machines has. While no replicator is registered, an append or a wait
    /// with <see cref="Durability.Quorum"/> or <see cref="Durability.QuorumAndFlush"/> throws.
    /// </summary>
    /// <returns>The object through which the replicator reports. Dispose it when replication stops.</returns>
    /// <exception cref="InvalidOperationException">A replicator is registered, or the queue was opened read-only.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    public QueueQuorum OpenQuorum()
    {
        RequireWritable("be replicated");
        QueueQuorum opened = new(this);
        if (Interlocked.CompareExchange(ref _quorum, opened, null) is not null)
        {
            throw new InvalidOperationException($"Queue '{Directory}' has a replicator already. Stop that one first.");
        }

        return Track(opened);
    }

    /// <summary>Completes when a quorum of machines has the message and everything before it.</summary>
    /// <param name="position">The position that the append returned.</param>
    /// <param name="cancellation">Cancels the wait. The message stays appended and is replicated.</param>
    /// <exception cref="InvalidOperationException">The queue has no replicator in this process.</exception>
    /// <exception cref="ObjectDisposedException">The queue or its replicator was disposed.</exception>
    /// <exception cref="EstreamException">Replication has failed, or another machine has taken over the queue. It is unknown whether the
    /// message survives.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <remarks>Thread-safe. Allocates nothing. Await the result once.</remarks>
    public ValueTask WaitQuorumAsync(long position, CancellationToken cancellation = default) =>
        RequireQuorum().WaitAsync(position, cancellation);

    /// <summary>Completes when a quorum of machines has the message and everything before it, and this machine has flushed them. The flush
    /// and the replication run at the same time; a failure of either ends the wait.</summary>
    /// <param name="position">The position that the append returned.</param>
    /// <param name="cancellation">Cancels the wait. The message stays appended, and is flushed and replicated.</param>
    /// <exception cref="InvalidOperationException">The queue has no replicator in this process, or was opened read-only.</exception>
    /// <exception cref="ObjectDisposedException">The queue or its replicator was disposed.</exception>
    /// <exception cref="EstreamException">Replication or the flush has failed, or another machine has taken over the queue. It is unknown
    /// whether the message survives.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <remarks>Thread-safe. Allocates nothing in steady state. Await the result once.</remarks>
    public ValueTask WaitQuorumAndFlushAsync(long position, CancellationToken cancellation = default)
    {
        QueueQuorum quorum = RequireQuorum();
        quorum.ThrowIfFailed();
        ValueTask flushed = WaitFlushedAsync(position, cancellation);
        ValueTask confirmed;
        try
        {
            confirmed = quorum.WaitAsync(position, cancellation);
        }
        catch (Exception failure) when (failure is EstreamException or ObjectDisposedException)
        {
            // The other wait has begun, so the failure goes to the result.
            confirmed = ValueTask.FromException(failure);
        }

        return _jointWaits.Join(flushed, confirmed);
    }

    /// <exception cref="InvalidOperationException">The queue has no replicator.</exception>
    internal QueueQuorum RequireQuorum()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _quorum ?? throw new InvalidOperationException(
            $"Queue '{Directory}' has no replicator in this process, so no quorum can confirm a message. Start replication of the queue, "
            + "or use another durability.");
    }

    internal void CloseQuorum(QueueQuorum quorum)
    {
        _ = Interlocked.CompareExchange(ref _quorum, null, quorum);
        Untrack(quorum);
    }
}
