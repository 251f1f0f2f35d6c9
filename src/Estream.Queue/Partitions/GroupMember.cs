using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
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
/// <para>A partition that cannot be read, for example because a file is damaged, does not affect the others. The member keeps its lock,
/// leaves the partition out, retries every 10 s, and reports it by <see cref="PartitionFailed"/> and <see cref="Failures"/>.</para>
/// </remarks>
public sealed class GroupMember : IDisposable
{
    /// <summary>The prefix of the named tailers of groups: the position of the group <c>booking</c> in a partition is that of the tailer
    /// <c>group-booking</c>.</summary>
    public const string TailerPrefix = "group-";

    private const int MaxNameLength = 90;

    // The shortest time between two checks for members that joined or left.
    private const long BalancePeriodNanos = 50_000_000;

    // A process that checks a member briefly holds the lock of the slot, so a free slot may look taken.
    private const int JoinAttempts = 3;

    // Rare, because finding the end of the output is a scan, and a refresh flushes a file.
    private const long RefreshPeriodNanos = 1_000_000_000;
    private const int RefreshesPerPeriod = 64;

    private readonly GroupParts _parts;
    private readonly WriterSlot _slot;
    private readonly List<GroupPartition> _owned = [];
    private readonly Dictionary<int, string> _reported = [];
    private GroupPartition? _current;
    private GroupWait? _wait;
    private long _refreshAt;
    private long _balancedAt;
    private bool _isBalanced;
    private int _members;
    private long _changes;
    private int _next;

    // The time at which a message was last found, or the members last changed.
    private long _activeAt;
    private bool _disposed;

    private GroupMember(GroupParts parts, string name, WriterSlot slot) => (_parts, Group, _slot) = (parts, name, slot);

    /// <summary>Called when a partition of this member cannot be read: once until messages of the partition are read again, until <see
    /// cref="PartitionCaughtUp"/> is called, or until the reason changes. Called by the thread that calls <see cref="TryNext(out int, out
    /// QueueTailer)"/>, or by the wait of <see cref="WaitToReadAsync"/>; the handler must not call this member.</summary>
    public event Action<GroupFailure>? PartitionFailed;

    /// <summary>Called with the number of a partition of this member that has no unread message: once after this member has taken the
    /// partition, and once after each failure. A failure of the partition that <see cref="PartitionFailed"/> of this or another
    /// member has reported is then over. Called by the same threads as PartitionFailed; the handler must not call this member.</summary>
    public event Action<int>? PartitionCaughtUp;

    /// <summary>The name of the group.</summary>
    public string Group { get; }

    /// <summary>The partitions that this member reads, in no particular order.</summary>
    public IReadOnlyList<int> Partitions => [.. _owned.Select(owned => owned.Number)];

    /// <summary>The partitions of this member that cannot be read now.</summary>
    public IReadOnlyList<GroupFailure> Failures =>
        [.. _owned.Where(owned => owned.Failure is not null).Select(owned => new GroupFailure(owned.Number, owned.Failure!))];

    /// <exception cref="ArgumentException">The name is not the name of a group.</exception>
    internal static void CheckName(string name)
    {
        TailerName.Check(name);
        if (name.Length > MaxNameLength)
        {
            throw new ArgumentException($"The group name has {name.Length} characters; the maximum is {MaxNameLength}.", nameof(name));
        }
    }

    internal static GroupMember Join(PartitionedQueue queue, string name, EstreamQueue? output)
    {
        queue.RequireWritable("store the positions of a group");
        CheckName(name);
        if (output is not null && queue.HasPartitionIn(output.Directory))
        {
            throw new ArgumentException(
                $"'{output.Directory}' is a partition of the queue that the group reads, so its results would be read again. Name another "
                + "queue for the output.", nameof(output));
        }

        IdleStrategy pause = IdleStrategy.Sleep();
        for (int attempt = 0; attempt < JoinAttempts; attempt++)
        {
            if (TryJoin(queue, name, output) is { } member)
            {
                return member;
            }

            // Pauses without the lock, so that members can join other groups meanwhile.
            pause.Idle(0);
        }

        throw new EstreamLeaseException(
            $"Group '{name}' of queue '{queue.Directory}' has {WriterSlots.SlotCount} members, the maximum. Stop a member, or use fewer "
            + "members with more partitions each.", queue.Directory);
    }

    /// <summary>Returns a partition of this member that has messages. Takes partitions over, and hands partitions over to other members,
    /// as necessary. Notices members that join or leave within 50 ms. Notices the crash of a process within 50 ms, or within a second
    /// while there are no messages.</summary>
    /// <param name="partition">The number of the partition.</param>
    /// <param name="tailer">The reader of the partition, valid until the next call on this member. Read as many messages as you like, but
    /// come back within a second or so: only then can other members get their share. Do not dispose the tailer.</param>
    /// <returns>Whether there is a message.</returns>
    /// <exception cref="EstreamLeaseException">The partition was taken over although this process lives; see the message.</exception>
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
        if (TryNext(out partition, out tailer))
        {
            return true;
        }

        GroupWaits waits = _parts.Queue.Waits;
        waits.Enter();
        try
        {
            _current = FindBlocking(waits, timeout, cancellationToken);
            (partition, tailer) = (_current?.Number ?? -1, _current?.Tailer);
            return tailer is not null;
        }
        finally
        {
            waits.Leave();
        }
    }

    /// <summary>Waits without blocking a thread until a partition of this member has messages. Counts messages and moves partitions as
    /// <see cref="TryNext(out int, out QueueTailer)"/> does.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <remarks>All asynchronous waits of a queue object share one thread, which sleeps until an appender of any process wakes it. A
    /// message may wait up to 10 ms if the waiting members of the object read more than 126 partitions, or on kernels before Linux 5.16.
    /// Await the result before the next call on this member. Then call TryNext, which may still return false if the partition has moved
    /// meanwhile.</remarks>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <inheritdoc cref="TryNext(out int, out QueueTailer)" path="/exception"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        while (!IsReadable(cancellationToken, out long longestNanos))
        {
            await _wait!.SleepAsync(longestNanos, cancellationToken).ConfigureAwait(false);
        }

        // TryNext returns the partition that was found, and so all partitions in turn.
        _next = (_next + _owned.Count - 1) % _owned.Count;
    }

    /// <summary>Leaves out a partition of this member for 10 s, because the caller cannot process its next message. The member keeps the
    /// partition, and <see cref="PartitionFailed"/> reports it. The member later rereads messages that are not consumed.</summary>
    /// <param name="partition">The number of the partition.</param>
    /// <param name="reason">The reason to report.</param>
    /// <exception cref="ArgumentException">This member does not read the partition.</exception>
    public void LeaveOut(int partition, string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        GroupPartition owned = Owned(partition);
        owned.LeaveOut(reason);
        Report(owned);
        _current = owned == _current ? null : _current;
    }

    /// <summary>Checks that this member still is the reader of a partition, before progress is stored without a commit of this
    /// member.</summary>
    /// <param name="partition">The number of the partition.</param>
    /// <exception cref="EstreamLeaseException">The partition was taken over although this process lives; see the message.</exception>
    /// <exception cref="ArgumentException">This member does not read the partition.</exception>
    public void RequireOwner(int partition) => Owned(partition).RequireOwner();

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
        if (_members > 0)
        {
            NotifyMembers();
        }

        _parts.File.Dispose();
    }

    private static GroupMember? TryJoin(PartitionedQueue queue, string name, EstreamQueue? output)
    {
        using IDisposable groups = GroupFile.Lock(queue);
        GroupFile file = GroupFile.Open(queue, name);
        GroupMember? member = null;
        try
        {
            if (output is not null)
            {
                file.BindOutput(output);
            }

            if (file.TryJoin() is { } slot)
            {
                string tailer = TailerPrefix + name;
                member = new GroupMember(
                    new GroupParts(queue, file, output is null ? null : new GroupOutput(output, tailer), tailer), name, slot);
            }

            return member;
        }
        finally
        {
            if (member is null)
            {
                file.Dispose();
            }
        }
    }

    // Settles the partition that was returned last, then finds a partition with a message.
    private GroupPartition? Find(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_current is { } read)
        {
            read.Settle();
            _reported.Remove(read.Number);
            _current = null;
        }

        if (_parts.Output is { } output)
        {
            output.Cancellation = cancellation;
        }

        long now = _parts.Now;
        if (!_isBalanced || BalanceDelayNanos(now) <= 0)
        {
            // Stays false if Balance throws, so that the next call repeats it.
            _isBalanced = false;
            Balance(now);
            _isBalanced = true;
            Refresh(now);
        }

        for (int i = 0; i < _owned.Count; i++)
        {
            _next = (_next + 1) % _owned.Count;
            GroupPartition owned = _owned[_next];
            bool hasMessage = owned.HasMessage();
            Report(owned);
            if (hasMessage)
            {
                _activeAt = now;
                return owned;
            }

            if (owned.HasCaughtUp())
            {
                _reported.Remove(owned.Number);
                PartitionCaughtUp?.Invoke(owned.Number);
            }
        }

        return null;
    }

    // Returns true if a partition has a message. Otherwise, a sleep is announced, and no partition had a message afterwards.
    private bool IsReadable(CancellationToken cancellation, out long longestNanos)
    {
        GroupWaits waits = _parts.Queue.Waits;
        waits.Enter();
        try
        {
            longestNanos = 0;
            do
            {
                if (Find(cancellation) is not null)
                {
                    return true;
                }
            }
            while (TryAnnounce(waits, isBlocking: false));

            longestNanos = LongestSleepNanos();
            return false;
        }
        finally
        {
            waits.Leave();
        }
    }

    // Spins, yields, then announces a sleep, checks once more, and sleeps.
    private GroupPartition? FindBlocking(GroupWaits waits, TimeSpan timeout, CancellationToken cancellation)
    {
        IdleStrategy idle = _parts.Queue.Options.Idle;
        long start = _parts.Now;
        using CancellationTokenRegistration registration =
            cancellation.UnsafeRegister(static waits => ((GroupWaits)waits!).Blocked.Notify(), waits);
        while (true)
        {
            if (Find(cancellation) is { } found)
            {
                return found;
            }

            cancellation.ThrowIfCancellationRequested();
            waits.ThrowIfClosed();
            long left = timeout == Timeout.InfiniteTimeSpan
                ? long.MaxValue
                : (long)timeout.TotalNanoseconds - (_parts.Now - start);
            if (left <= 0)
            {
                return null;
            }

            if (!idle.TryIdleAwake() && !TryAnnounce(waits, isBlocking: true))
            {
                _wait!.Sleep(Math.Min(left, LongestSleepNanos()));
            }
        }
    }

    private bool TryAnnounce(GroupWaits waits, bool isBlocking)
    {
        _wait ??= new GroupWait(waits, _parts.Queue.Options.Clock);
        return _wait.TryAnnounce(_owned, isBlocking);
    }

    private long LongestSleepNanos()
    {
        long now = _parts.Now;
        long longest = BalanceDelayNanos(now);
        foreach (GroupPartition owned in _owned)
        {
            longest = Math.Min(longest, owned.LongestSleepNanos(now, now - _activeAt));
        }

        return longest;
    }

    // The time until the next check of the other members. No notification reports a crash, so idle members check periodically.
    private long BalanceDelayNanos(long now)
    {
        long period = _parts.File.Changes == _changes
            ? QueueTailer.LongestSleepNanos(_parts.Queue.Options.LongestSleep, now - _activeAt)
            : 0;
        return _balancedAt + Math.Max(period, BalancePeriodNanos) - now;
    }

    private void NotifyMembers()
    {
        // This member need not react to its own change, unless another member made a change at the same time.
        _changes += _parts.File.AddChange() == _changes + 1 ? 1 : 0;
        _parts.Queue.NotifyMembers();
    }

    private GroupPartition Owned(int partition) => _owned.Find(owned => owned.Number == partition)
        ?? throw new ArgumentException($"This member does not read partition {partition}.", nameof(partition));

    private void Report(GroupPartition owned)
    {
        if (owned.Failure is { } reason && (!_reported.TryGetValue(owned.Number, out string? reported) || reported != reason))
        {
            _reported[owned.Number] = reason;
            PartitionFailed?.Invoke(new GroupFailure(owned.Number, reason));
        }
    }

    // Each member computes its own quota. Members hand over what they have beyond their quota, and take free partitions below it; the lock
    // of a partition decides between two that take it at once. So no partition moves without need, and all quotas are reached once all
    // members see the same members.
    private void Balance(long now)
    {
        int partitions = _parts.Queue.PartitionCount;
        long changes = _parts.File.Changes;
        (int members, int rank) = _parts.File.CountMembers(_slot.Number);
        if (members != _members || changes != _changes)
        {
            _activeAt = now;
        }

        // The first check counts as a change, because this member takes partitions from then on.
        bool isChange = _members == 0;
        (_balancedAt, _members, _changes) = (now, members, changes);
        int quota = (partitions / members) + (rank < partitions % members ? 1 : 0);
        while (_owned.Count > quota)
        {
            GroupPartition last = _owned[^1];
            _owned.RemoveAt(_owned.Count - 1);
            _reported.Remove(last.Number);
            last.Dispose();
            isChange = true;
        }

        if (isChange)
        {
            NotifyMembers();
        }

        // Members start at different partitions, so they rarely try the same ones.
        int start = (int)((long)rank * partitions / members);
        for (int i = 0; i < partitions && _owned.Count < quota; i++)
        {
            int number = (start + i) % partitions;
            if (_owned.TrueForAll(owned => owned.Number != number) && GroupPartition.TryTake(_parts, number) is { } taken)
            {
                _owned.Add(taken);
            }
        }
    }

    // The reader of a partition without new messages appends nothing to the output, but retention still deletes old segments of it.
    private void Refresh(long now)
    {
        if (_parts.Output is not { } output || now < _refreshAt)
        {
            return;
        }

        _refreshAt = now + RefreshPeriodNanos;
        try
        {
            long end = output.Queue.EndPosition();
            int left = RefreshesPerPeriod;
            for (int i = 0; i < _owned.Count && left > 0; i++)
            {
                left -= _owned[i].Refresh(end) ? 1 : 0;
            }
        }
        catch (EstreamException)
        {
            // The output cannot be read or flushed. The next commit reports the reason.
        }
    }
}

/// <summary>A partition that a member of a consumer group leaves out.</summary>
/// <param name="Partition">The number of the partition.</param>
/// <param name="Reason">Why the partition cannot be read, and what to do.</param>
public sealed record GroupFailure(int Partition, string Reason);
