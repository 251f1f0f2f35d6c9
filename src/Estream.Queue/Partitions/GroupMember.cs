using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

/// <summary>
/// A member of a consumer group. The members, in any processes of the machine, share the partitions of a queue evenly. Each partition has
/// at most one reader at a time. Not thread-safe: use one member per thread.
/// </summary>
/// <remarks>
/// <para>A partition changes its reader only inside calls of <see cref="TryNext(out int, out QueueTailer)"/> and <see cref="Dispose"/> of
/// its present reader, or when the process of the reader ends, also by a crash: the kernel then frees its locks. A process that is
/// suspended keeps its partitions; end the process to hand them over.</para>
/// <para>Without an output, delivery is at least once: messages count as consumed at the next call of TryNext. With an output, messages
/// count as consumed by the batch that contains their result (<see cref="QueueAppender.ClaimBatch(int, int, QueueTailer)"/>): each message
/// has its effect in the output exactly once, wherever a process crashes.</para>
/// </remarks>
public sealed class GroupMember : IDisposable
{
    private const int MaxNameLength = 90;
    private const string TailerPrefix = "group-";

    // Members that joined or ended are noticed after this time.
    private const long BalancePeriodNanos = 50_000_000;

    // The longest pause between two looks at idle partitions. A waiter of each partition would need a thread for each partition.
    private const int LongestPauseMillis = 10;

    private readonly PartitionedQueue _queue;
    private readonly EstreamQueue? _output;
    private readonly GroupFile _file;
    private readonly WriterSlot _slot;
    private readonly List<GroupPartition> _owned = [];
    private readonly string _tailerName;
    private GroupPartition? _current;
    private long _balanceAt;
    private int _next;
    private bool _disposed;

    private GroupMember(PartitionedQueue queue, string name, EstreamQueue? output, GroupFile file)
    {
        (_queue, Group, _output, _file, _tailerName) = (queue, name, output, file, TailerPrefix + name);
        _slot = file.Join();
    }

    /// <summary>The name of the group.</summary>
    public string Group { get; }

    /// <summary>The partitions that this member reads, in no particular order.</summary>
    public IReadOnlyList<int> Partitions => [.. _owned.Select(owned => owned.Number)];

    internal static GroupMember Join(PartitionedQueue queue, string name, EstreamQueue? output)
    {
        queue.RequireWritable("store the positions of a group");
        TailerName.Check(name);
        if (name.Length > MaxNameLength)
        {
            throw new ArgumentException($"The group name has {name.Length} characters; the maximum is {MaxNameLength}.", nameof(name));
        }

        GroupFile file = GroupFile.Open(queue, name);
        try
        {
            return new GroupMember(queue, name, output, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Returns a partition of this member that has messages. Takes partitions over, and hands partitions over to other members,
    /// as necessary; looks for other members every 50 ms.</summary>
    /// <param name="partition">The number of the partition.</param>
    /// <param name="tailer">The reader of the partition, valid until the next call on this member. Read as many messages as you like, but
    /// come back within a second or so: only then can other members get their share. Do not dispose the tailer.</param>
    /// <returns>Whether there is a message.</returns>
    /// <exception cref="EstreamLeaseException">The partition was taken over although this process lives; see the message.</exception>
    /// <exception cref="EstreamException">A partition cannot be opened or read.</exception>
    /// <exception cref="ObjectDisposedException">This member was disposed.</exception>
    public bool TryNext(out int partition, [NotNullWhen(true)] out QueueTailer? tailer)
    {
        _current = Find();
        (partition, tailer) = (_current?.Number ?? -1, _current?.Tailer);
        return tailer is not null;
    }

    /// <summary>Returns a partition that has messages, and waits if there is none. Idles as <see cref="QueueOptions.Idle"/> says.</summary>
    /// <param name="partition">The number of the partition.</param>
    /// <param name="tailer">The reader of the partition, valid until the next call on this member.</param>
    /// <param name="timeout">The longest wait; <see cref="Timeout.InfiniteTimeSpan"/> to wait without limit.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether there is a message; false after the timeout.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <inheritdoc cref="TryNext(out int, out QueueTailer)" path="/exception"/>
    public bool TryNext(
        out int partition, [NotNullWhen(true)] out QueueTailer? tailer, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        IClock clock = _queue.Options.Clock;
        IdleStrategy idle = _queue.Options.Idle;
        long start = clock.MonotonicNanos;
        while (!TryNext(out partition, out tailer))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (timeout != Timeout.InfiniteTimeSpan && clock.MonotonicNanos - start >= timeout.TotalNanoseconds)
            {
                return false;
            }

            idle.Idle(0);
        }

        return true;
    }

    /// <summary>Waits without blocking a thread until a partition of this member has messages. Counts messages and moves partitions as
    /// <see cref="TryNext(out int, out QueueTailer)"/> does.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <remarks>Checks the partitions every 1 to 10 ms, so a message waits at most about 10 ms. Await the result before the next call
    /// on this member. Then call TryNext, which may still return false if the partition has moved meanwhile.</remarks>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <inheritdoc cref="TryNext(out int, out QueueTailer)" path="/exception"/>
    public async ValueTask WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        for (int pause = 1; Find() is null; pause = Math.Min(2 * pause, LongestPauseMillis))
        {
            await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
        }

        // TryNext returns the partition that was found, and so all partitions in turn.
        _next = (_next + _owned.Count - 1) % _owned.Count;
    }

    /// <summary>Leaves the group: other members take over the partitions. Messages read since the last call of TryNext do not count as
    /// consumed. Idempotent.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _current = null;
        _owned.ForEach(owned => owned.Dispose());
        _owned.Clear();
        _slot.Dispose();
        _file.Dispose();
    }

    // Settles the partition that was returned last, then finds a partition with a message.
    private GroupPartition? Find()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _current?.Settle();
        _current = null;
        long now = _queue.Options.Clock.MonotonicNanos;
        if (now >= _balanceAt)
        {
            _balanceAt = now + BalancePeriodNanos;
            Balance();
        }

        for (int i = 0; i < _owned.Count; i++)
        {
            _next = (_next + 1) % _owned.Count;
            GroupPartition owned = _owned[_next];
            owned.RequireOwner();
            if (owned.Tailer.TryPeek(out _))
            {
                return owned;
            }
        }

        return null;
    }

    // Each member computes its own quota. Members hand over what they have beyond their quota, and take free partitions below it; the lock
    // of a partition decides between two that take it at once. So no partition moves without need, and all quotas are reached once all
    // members see the same members.
    private void Balance()
    {
        (int members, int rank) = _file.CountMembers(_slot.Number);
        int quota = (_queue.PartitionCount / members) + (rank < _queue.PartitionCount % members ? 1 : 0);
        while (_owned.Count > quota)
        {
            GroupPartition last = _owned[^1];
            _owned.RemoveAt(_owned.Count - 1);
            last.Dispose();
        }

        // Members start at different partitions, so they rarely try the same ones.
        int start = (int)((long)rank * _queue.PartitionCount / members);
        for (int i = 0; i < _queue.PartitionCount && _owned.Count < quota; i++)
        {
            int number = (start + i) % _queue.PartitionCount;
            if (_owned.TrueForAll(owned => owned.Number != number)
                && GroupPartition.TryTake(_file, number, _queue, _output, _tailerName) is { } taken)
            {
                _owned.Add(taken);
            }
        }
    }
}
