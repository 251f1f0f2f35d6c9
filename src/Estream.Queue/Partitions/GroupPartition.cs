using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>A partition that a member of a consumer group owns: its lock, its epoch, and its tailer. A partition that cannot be read stays
/// with its member, which tries again after <see cref="RetryNanos"/>.</summary>
internal sealed class GroupPartition : IDisposable
{
    /// <summary>The time after which a partition that could not be read is tried again.</summary>
    public const long RetryNanos = 10_000_000_000;

    private readonly GroupParts _parts;
    private readonly IDisposable _lock;
    private readonly long _epoch;
    private WaiterSignal? _signal;
    private long _retryAt;
    private bool _isCaughtUp;

    private GroupPartition(GroupParts parts, int number, IDisposable held)
    {
        (_parts, Number, _lock) = (parts, number, held);
        _epoch = parts.File.BeginEpoch(number);
    }

    public int Number { get; }

    /// <summary>The reader; null while the partition cannot be opened.</summary>
    public QueueTailer? Tailer { get; private set; }

    /// <summary>The signal that appenders notify; null while the partition cannot be opened.</summary>
    public SharedSignal? Signal => Tailer is null ? null : _signal!.Signal;

    /// <summary>Why the partition is left out; null if it is not.</summary>
    public string? Failure { get; private set; }

    /// <summary>Takes a partition.</summary>
    /// <returns>The partition, or <see langword="null"/> if another member owns the partition.</returns>
    public static GroupPartition? TryTake(GroupParts parts, int number)
    {
        if (parts.File.TryLock(number, LockMode.Exclusive) is not { } held)
        {
            return null;
        }

        GroupPartition? partition = null;
        try
        {
            partition = new GroupPartition(parts, number, held);
            _ = partition.Open();
            return partition;
        }
        catch (EstreamLeaseException)
        {
            // The kernel frees the locks of an ended process one after the other: the lock of the tailer is next.
            partition?.Dispose();
            return null;
        }
        catch (EstreamException failure) when (partition is not null)
        {
            partition.LeaveOut(failure.Message);
            return partition;
        }
        catch
        {
            (partition ?? held).Dispose();
            throw;
        }
    }

    /// <summary>Whether there is a message to read. A failure leaves the partition out.</summary>
    /// <exception cref="EstreamLeaseException">A later owner has begun an epoch.</exception>
    public bool HasMessage()
    {
        RequireOwner();
        if (Failure is not null && _parts.Now < _retryAt)
        {
            return false;
        }

        try
        {
            bool hasMessage = Open().TryPeek(out _);
            Failure = null;
            return hasMessage;
        }
        catch (EstreamException failure) when (failure is not EstreamLeaseException)
        {
            LeaveOut(failure.Message);
            return false;
        }
    }

    /// <summary>Returns true at the first call at which all messages of the partition are read, and again at the first such call after each
    /// failure. Call after <see cref="HasMessage"/> has returned false.</summary>
    public bool HasCaughtUp()
    {
        bool before = _isCaughtUp;
        _isCaughtUp = Failure is null;
        return _isCaughtUp && !before;
    }

    /// <summary>The longest sleep before <see cref="HasMessage"/> must be called again.</summary>
    /// <param name="now">The time on the monotonic clock.</param>
    /// <param name="waitedNanos">How long the wait has lasted.</param>
    public long LongestSleepNanos(long now, long waitedNanos) => Tailer?.LongestSleepNanos(waitedNanos) ?? _retryAt - now;

    /// <summary>Leaves the partition out until it is tried again.</summary>
    public void LeaveOut(string reason)
    {
        Tailer?.Dispose();
        (Tailer, Failure, _retryAt) = (null, reason, _parts.Now + RetryNanos);
        _isCaughtUp = false;
    }

    /// <summary>Checks that no later owner has begun an epoch. The lock prevents that, unless its file was deleted or is on a file system
    /// without locks.</summary>
    /// <exception cref="EstreamLeaseException">A later owner has begun an epoch.</exception>
    public void RequireOwner()
    {
        long present = _parts.File.EpochOf(Number);
        if (present != _epoch)
        {
            string directory = _parts.Queue.DirectoryOf(Number);
            throw new EstreamLeaseException(
                $"Partition {Number} of '{directory}' was taken over: it was read in epoch {_epoch}, and epoch {present} has begun. "
                + "Nothing more is committed here. Dispose the member and join again; check that no lock files were deleted.",
                directory, _parts.File.ReadOwner(Number));
        }
    }

    /// <summary>Counts the messages that were read as consumed. With an output only commits count: the others are read again.</summary>
    public void Settle()
    {
        if (Tailer is null)
        {
            return;
        }

        if (_parts.Output is null)
        {
            RequireOwner();
            Tailer.Commit();
        }
        else if (Tailer.TransactionalConsumer is not { } consumer || consumer.IsAhead(Tailer.Position))
        {
            Tailer.Dispose();
            Tailer = null;
        }
    }

    /// <summary>Moves the position from which a later owner searches the output for batches, before retention deletes it.</summary>
    /// <param name="outputEnd">The end of the output.</param>
    /// <returns>Whether the position was moved.</returns>
    /// <exception cref="EstreamStorageException">The output cannot be flushed.</exception>
    public bool Refresh(long outputEnd) => Tailer?.TransactionalConsumer?.Refresh(outputEnd) ?? false;

    public void Dispose()
    {
        Tailer?.Dispose();
        _parts.File.StoreProcess(Number, 0);

        // Last: the next owner must find the tailer free.
        _lock.Dispose();
    }

    private QueueTailer Open()
    {
        if (Tailer is null)
        {
            EstreamQueue queue = _parts.Queue.Partition(Number);
            _signal = queue.WaiterSignal;
            Tailer = _parts.Output is { } output
                ? queue.CreateTailer(_parts.TailerName, output.Queue, output.Find)
                : queue.CreateTailer(_parts.TailerName, consumesByCommit: true);
            if (Tailer.TransactionalConsumer is { } consumer)
            {
                consumer.RequireOwner = RequireOwner;
            }
        }

        return Tailer;
    }
}

/// <summary>What the partitions of a member share.</summary>
/// <param name="Queue">The partitioned queue.</param>
/// <param name="File">The state of the group.</param>
/// <param name="Output">The output of the group; null for none.</param>
/// <param name="TailerName">The name of the tailers.</param>
internal sealed record GroupParts(PartitionedQueue Queue, GroupFile File, GroupOutput? Output, string TailerName)
{
    public long Now => Queue.Options.Clock.MonotonicNanos;
}
