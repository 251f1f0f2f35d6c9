using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>A partition that a member of a consumer group owns: its lock, its epoch, and its tailer.</summary>
internal sealed class GroupPartition : IDisposable
{
    private readonly GroupFile _file;
    private readonly EstreamQueue _queue;
    private readonly EstreamQueue? _output;
    private readonly string _tailerName;
    private readonly IDisposable _lock;
    private readonly long _epoch;

    private GroupPartition(
        GroupFile file, int number, EstreamQueue queue, EstreamQueue? output, string tailerName, IDisposable held)
    {
        (_file, Number, _queue, _output, _tailerName, _lock) = (file, number, queue, output, tailerName, held);
        _epoch = file.BeginEpoch(number);
        Tailer = OpenTailer();
    }

    public int Number { get; }

    public QueueTailer Tailer { get; private set; }

    /// <summary>Takes a partition.</summary>
    /// <returns>The partition, or <see langword="null"/> if another member owns the partition.</returns>
    public static GroupPartition? TryTake(GroupFile file, int number, PartitionedQueue queue, EstreamQueue? output, string tailerName)
    {
        if (file.TryLock(number, LockMode.Exclusive) is not { } held)
        {
            return null;
        }

        try
        {
            return new GroupPartition(file, number, queue.Partition(number), output, tailerName, held);
        }
        catch (EstreamLeaseException)
        {
            // The kernel frees the locks of an ended process one after the other: the lock of the tailer is next.
            held.Dispose();
            return null;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Checks that no later owner has begun an epoch. The lock prevents that, unless its file was deleted or is on a file system
    /// without locks.</summary>
    /// <exception cref="EstreamLeaseException">A later owner has begun an epoch.</exception>
    public void RequireOwner()
    {
        long present = _file.EpochOf(Number);
        if (present != _epoch)
        {
            throw new EstreamLeaseException(
                $"Partition {Number} of '{_queue.Directory}' was taken over: it was read in epoch {_epoch}, and epoch {present} has begun. "
                + "Nothing more is committed here. Dispose the member and join again; check that no lock files were deleted.",
                _queue.Directory, _file.ReadOwner(Number));
        }
    }

    /// <summary>Counts the messages that were read as consumed. With an output only commits count: the others are read again.</summary>
    public void Settle()
    {
        if (_output is null)
        {
            RequireOwner();
            Tailer.Commit();
        }
        else if (Tailer.TransactionalConsumer is not { } consumer || consumer.IsAhead(Tailer.Position))
        {
            Tailer.Dispose();
            Tailer = OpenTailer();
        }
    }

    public void Dispose()
    {
        Tailer.Dispose();
        _file.StoreProcess(Number, 0);

        // Last: the next owner must find the tailer free.
        _lock.Dispose();
    }

    private QueueTailer OpenTailer()
    {
        QueueTailer tailer = _output is null ? _queue.CreateTailer(_tailerName) : _queue.CreateTailer(_tailerName, _output);
        if (tailer.TransactionalConsumer is { } consumer)
        {
            consumer.RequireOwner = RequireOwner;
        }

        return tailer;
    }
}
