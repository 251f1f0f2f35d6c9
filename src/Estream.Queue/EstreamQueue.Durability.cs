using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// What is on the device.
public sealed partial class EstreamQueue
{
    private readonly object _durableGate = new();
    private readonly DurabilityRecord _record;
    private DurableLog? _durableLog;
    private volatile ReadLimit? _limit;

    /// <summary>
    /// Up to where the log is known to be on the device: every message before this position survives a power cut. Rises with flushes, in
    /// whatever process; 0 when nothing was flushed yet. A load; thread-safe.
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
    /// What the last recovery did that this queue went through, whoever did it; <see langword="null"/> when there was none. It is done by
    /// the first to open the queue for writing after the machine was started.
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

    /// <summary>What queue.meta says about the device.</summary>
    internal DurabilityRecord Record => _record;

    /// <summary>How far the log may be read, as long as nobody has recovered it after a crash of the machine.</summary>
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

    /// <summary>What durable appends and waits need; made when the first of them comes.</summary>
    internal DurableLog DurableLog
    {
        get
        {
            lock (_durableGate)
            {
                RequireWritable("be brought to its device");
                return _durableLog ??= new DurableLog(this, _options);
            }
        }
    }

    /// <summary>
    /// Completes when a message is on the device, with everything before it. Does not hurry the flush of a
    /// <see cref="Durability.GroupCommit()"/>, so that many share it; a message that nobody wanted durable is flushed at once.
    /// </summary>
    /// <param name="position">What the append returned. Of a batch: the position of any of its messages.</param>
    /// <param name="cancellation">Ends the wait, not the flush.</param>
    /// <exception cref="InvalidOperationException">The queue was opened read-only, so it cannot be flushed; look at
    /// <see cref="DurablePosition"/>.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed, before or meanwhile.</exception>
    /// <exception cref="EstreamStorageException">The device did not take it: nobody can say whether the message survives a power
    /// cut.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <remarks>
    /// Thread-safe. Allocates nothing, also when it has to wait. Await the result once. In <see cref="AppenderMode.Shared"/> it takes until
    /// every place before the message is committed or given up; for a position not appended yet, until that is.
    /// </remarks>
    public ValueTask WaitDurableAsync(long position, CancellationToken cancellation = default)
    {
        if (!IsReadOnly && DurablePosition > position)
        {
            return default;
        }

        DurableLog log = DurableLog;
        log.ThrowIfFailed();
        ValueTask wait = log.Waiters.Add(position, cancellation);
        log.Flusher.RequestUnlessRequested(position, isFirst: true);

        // What came true between the look above and the entry in the list has told nobody here.
        if (log.Durable > position)
        {
            log.Waiters.Complete(log.Durable);
        }

        return wait;
    }

    /// <summary>Blocks until a message is on the device, with everything before it; see <see cref="WaitDurableAsync"/>.</summary>
    /// <param name="position">What the append returned.</param>
    /// <param name="cancellation">Ends the wait, not the flush; looked at every few milliseconds.</param>
    /// <exception cref="InvalidOperationException">The queue was opened read-only, so it cannot be flushed.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    /// <exception cref="EstreamStorageException">The device did not take it.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <remarks>Thread-safe. Allocates nothing.</remarks>
    public void WaitDurable(long position, CancellationToken cancellation = default)
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

    /// <summary>Writes the log to its device as it grows, and gives its memory back; <see langword="null"/> where that is left to the
    /// kernel.</summary>
    internal DirtyPageWriter? DirtyPages { get; }

    /// <summary>The device did not take what was appended: nothing later is called durable.</summary>
    internal void FailDurability(EstreamStorageException cause)
    {
        lock (_durableGate)
        {
            (_durableLog ??= new DurableLog(this, _options)).Fail(cause);
        }
    }

    /// <summary>Brings the names of the segments to the device.</summary>
    /// <exception cref="EstreamStorageException">The device did not take them, or the directory cannot be opened.</exception>
    internal void SyncNames()
    {
        try
        {
            Files.Storage.SyncDirectory(Directory);
        }
        catch (EstreamStorageException failure) when (failure.Reason == StorageFailure.Device)
        {
            // Reported here and not again: whoever wants messages durable that are found by these names has to hear of it.
            FailDurability(failure);
            throw;
        }
    }

    /// <summary>The queue as it is, before anybody else may write to it.</summary>
    internal static EstreamQueue ForRecovery(QueueFiles files, QueueOptions options) =>
        new(files, options with { Keys = null }, isReadOnly: false);

    // Also for one that may write, where a read-only file system kept it from recovering the queue.
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

    // The appenders are gone by now, and the segments still there.
    private void EndDurability()
    {
        lock (_durableGate)
        {
            _durableLog?.Dispose();
            _record.Dispose();
        }
    }
}
