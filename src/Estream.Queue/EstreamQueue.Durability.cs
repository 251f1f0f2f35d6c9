using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// Durability: the position up to which the log is flushed.
public sealed partial class EstreamQueue
{
    private readonly object _durableGate = new();
    private readonly DurabilityRecord _record;
    private DurableLog? _durableLog;
    private volatile ReadLimit? _limit;

    /// <summary>
    /// The position up to which the log is durable: every message before it survives a power cut. Rises with flushes of any process; 0
    /// before the first flush. One memory load. Thread-safe.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    public long DurablePosition
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return Record.Durable;
        }
    }

    /// <summary>
    /// Result of the last crash recovery this queue went through, in any process; <see langword="null"/> if there was none. The first
    /// process that opens the queue for writing after a restart of the machine runs recovery.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    public QueueRecovery? Recovery
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return Record.ReadReport();
        }
    }

    /// <summary>The durability that adapters wait for, as given to <see cref="Open(string, QueueOptions)"/>. Thread-safe.</summary>
    public Durability IngressDurability => _options.IngressDurability;

    /// <summary>The durability record in queue.meta.</summary>
    internal DurabilityRecord Record => _record;

    /// <summary>The position up to which the log may be read until a writer has recovered it after a crash of the machine.</summary>
    internal ReadLimit? Limit
    {
        get
        {
            if (_limit is { IsLifted: true })
            {
                _limit = null;
            }

            return _limit;
        }
    }

    /// <summary>State for durable appends and waits. Created with the first of them.</summary>
    internal DurableLog DurableLog
    {
        get
        {
            lock (_durableGate)
            {
                RequireWritable("be flushed");
                return _durableLog ??= new DurableLog(this, _options);
            }
        }
    }

    /// <summary>
    /// Completes when the message and everything before it are durable; if <see cref="IngressDurability"/> is <see
    /// cref="Durability.Quorum"/>, when a quorum of machines has them (<see cref="WaitQuorumAsync"/>); if it is <see
    /// cref="Durability.QuorumAndFlush"/>, when both are done (<see cref="WaitQuorumAndFlushAsync"/>). Does not hurry the flush of a <see
    /// cref="Durability.GroupCommit()"/>, so many waiters share one; flushes at once if the message was appended without a durability.
    /// </summary>
    /// <param name="position">The position that the append returned; for a batch, the position of any of its messages.</param>
    /// <param name="cancellation">Cancels the wait, not the flush.</param>
    /// <exception cref="InvalidOperationException">The queue was opened read-only and cannot flush. Read <see cref="DurablePosition"/>
    /// instead.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed before or during the wait.</exception>
    /// <exception cref="EstreamStorageException">The flush failed. It is unknown whether the message survives a power cut.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <remarks>
    /// Thread-safe. Allocates nothing, even if it waits. Await the result once. In <see cref="AppenderMode.Shared"/> the wait includes
    /// every earlier claim until it is committed or reclaimed. If nothing has been appended at the position yet, the wait includes that
    /// append.
    /// </remarks>
    public ValueTask WaitDurableAsync(long position, CancellationToken cancellation = default)
    {
        return !IngressDurability.NeedsQuorum ? WaitFlushedAsync(position, cancellation)
            : IngressDurability.NeedsFlush ? WaitQuorumAndFlushAsync(position, cancellation)
            : WaitQuorumAsync(position, cancellation);
    }

    /// <summary>Completes when the message and everything before it are flushed, whatever the ingress waits for.</summary>
    internal ValueTask WaitFlushedAsync(long position, CancellationToken cancellation)
    {
        if (!IsReadOnly && DurablePosition > position)
        {
            return default;
        }

        DurableLog log = DurableLog;
        log.ThrowIfFailed();
        ValueTask wait = log.Waiters.Add(position, cancellation);
        log.Flusher.RequestUnlessRequested(position, isFirst: true);

        // A flush that ended between the check above and the insertion into the list was not seen: check again.
        if (log.Durable > position)
        {
            log.Waiters.Complete(log.Durable);
        }

        return wait;
    }

    /// <summary>Blocks until the message and everything before it are durable; see <see cref="WaitDurableAsync"/>.</summary>
    /// <param name="position">The position that the append returned.</param>
    /// <param name="cancellation">Cancels the wait, not the flush. Checked every few milliseconds.</param>
    /// <exception cref="InvalidOperationException">The queue was opened read-only and cannot flush.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    /// <exception cref="EstreamStorageException">The flush failed.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <remarks>Thread-safe. Allocates nothing.</remarks>
    public void WaitDurable(long position, CancellationToken cancellation = default)
    {
        QueueQuorum? quorum = IngressDurability.NeedsQuorum ? RequireQuorum() : null;
        if (quorum is null || IngressDurability.NeedsFlush)
        {
            WaitFlushed(position, cancellation, quorum);
        }

        quorum?.Wait(position, cancellation);
    }

    /// <summary>Blocks until the message and everything before it are flushed, whatever the ingress waits for.</summary>
    /// <param name="position">The position that the append returned.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <param name="quorum">A quorum whose failure ends the wait; null for none.</param>
    internal void WaitFlushed(long position, CancellationToken cancellation, QueueQuorum? quorum = null)
    {
        if (!IsReadOnly && DurablePosition > position)
        {
            return;
        }

        DurableLog log = DurableLog;
        log.Waiters.Enter();
        try
        {
            for (bool isFirst = true; !IsDurable(log, position); isFirst = false)
            {
                cancellation.ThrowIfCancellationRequested();
                quorum?.ThrowIfFailed();
                if (log.Flusher.HasThread)
                {
                    log.Flusher.RequestUnlessRequested(position, isFirst);
                    log.Waiters.Block();
                }
                else
                {
                    log.Flusher.TakeTurn();
                }

                log.ThrowIfTroubled();
            }
        }
        finally
        {
            log.Waiters.Leave();
        }
    }

    private static bool IsDurable(DurableLog log, long position)
    {
        log.ThrowIfFailed();
        return log.Durable > position;
    }

    /// <summary>
    /// Writes dirty pages of the log back as the log grows, and drops them from the page cache. <see langword="null"/> if the kernel
    /// decides when to write and drop pages.
    /// </summary>
    internal DirtyPageWriter? DirtyPages { get; }

    /// <summary>Records a failed flush: nothing appended later is reported as durable.</summary>
    internal void FailDurability(EstreamStorageException cause)
    {
        lock (_durableGate)
        {
            (_durableLog ??= new DurableLog(this, _options)).Fail(cause);
        }
    }

    /// <summary>Flushes the directory entries of the segments.</summary>
    /// <exception cref="EstreamStorageException">The flush failed, or the directory cannot be opened.</exception>
    internal void SyncNames()
    {
        try
        {
            Files.Storage.SyncDirectory(Directory);
        }
        catch (EstreamStorageException failure) when (failure.Reason == StorageFailure.Device)
        {
            // The kernel reports the error only once. The callers that wait for messages in these segments must learn of it too.
            FailDurability(failure);
            throw;
        }
    }

    /// <summary>Opens the queue for recovery, before any other writer may use it.</summary>
    internal static EstreamQueue ForRecovery(QueueFiles files, QueueOptions options) =>
        new(files, options with { Keys = null }, isReadOnly: false);

    // Sets the read limit: for read-only objects, and for a writer that could not recover the queue because the file system is read-only.
    private EstreamQueue Limited()
    {
        try
        {
            _limit = ReadLimit.Of(this);
            return this;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    // Called when the appenders are disposed and the segments are still mapped.
    private void EndDurability()
    {
        lock (_durableGate)
        {
            _durableLog?.Dispose();
            _record.Dispose();
        }
    }
}
