using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// The waits of the group members of a queue object. A blocking wait sleeps on the calling thread. All asynchronous waits share one thread,
/// the listener. The listener sleeps at the signals of all these waits and completes the waits that are notified. Thread-safe.
/// </summary>
/// <remarks>
/// A member announces its sleep, checks its partitions, and then sleeps. No wake-up is lost: the tickets of the announcement reveal
/// notifications that the member has not seen, and the listener checks all tickets before each sleep. A member adds its wait under the
/// gate, and the listener announces its own sleep under the gate.
/// </remarks>
internal sealed class GroupWaits : IDisposable
{
    private readonly object _gate = new();
    private readonly IClock _clock;
    private readonly MemoryRegion _metadata;
    private readonly NativeRegion _local = NativeRegion.Allocate(2 * SharedSignal.Bytes);
    private readonly SharedSignal _added;
    private readonly List<GroupWait> _pending = [];
    private Thread? _listener;
    private int _users;
    private long _sleeps;
    private long _overslept;
    private bool _isClosed;

    /// <exception cref="EstreamStorageException">partitions.meta cannot be mapped for writing.</exception>
    public GroupWaits(string metadataPath, QueueOptions options)
    {
        _clock = options.Clock;
        _metadata = options.Storage.OpenRegion(metadataPath, RegionAccess.ReadWrite);
        Members = new SharedSignal(_metadata, PartitionFile.MemberSignalOffset);
        Blocked = new SharedSignal(_local, 0);
        _added = new SharedSignal(_local, SharedSignal.Bytes);
    }

    /// <summary>Notified when members of any process join or leave a group, or release partitions.</summary>
    public SharedSignal Members { get; }

    /// <summary>Notified when blocking waits of this object are cancelled.</summary>
    public SharedSignal Blocked { get; }

    /// <summary>The number of sleeps of all threads of this object.</summary>
    public long Sleeps => Volatile.Read(ref _sleeps);

    /// <summary>The number of those sleeps that timed out without a notification.</summary>
    public long Overslept => Volatile.Read(ref _overslept);

    /// <summary>The number of pending asynchronous waits.</summary>
    public int Pending
    {
        get
        {
            lock (_gate)
            {
                return _pending.Count;
            }
        }
    }

    /// <summary>Begins a use of the partitions. <see cref="Dispose"/> waits until <see cref="Leave"/> ends it.</summary>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    public void Enter()
    {
        lock (_gate)
        {
            ThrowIfClosed();
            _users++;
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            _users--;
            Monitor.PulseAll(_gate);
        }
    }

    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    public void ThrowIfClosed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isClosed), typeof(PartitionedQueue));

    /// <summary>Wakes the members of all processes, so that they check their groups again. Does nothing after disposal.</summary>
    public void NotifyMembers()
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                Members.Notify();
            }
        }
    }

    /// <summary>Adds an asynchronous wait.</summary>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public void Add(GroupWait wait)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            wait.ThrowIfCancelled();
            _pending.Add(wait);
            if (_listener is null)
            {
                _listener = new Thread(Run) { IsBackground = true, Name = "estream-group-listener" };
                _listener.Start();
            }

            Monitor.PulseAll(_gate);
            _added.Notify();
        }
    }

    /// <summary>Removes a cancelled wait, unless it has ended or has begun again without being cancelled.</summary>
    /// <returns>Whether the wait was removed. If so, the caller completes it.</returns>
    public bool TryRemoveCancelled(GroupWait wait)
    {
        lock (_gate)
        {
            return wait.IsCancelled && _pending.Remove(wait);
        }
    }

    /// <summary>Sleeps until a notification, or for the given time.</summary>
    public void Sleep(List<SharedSignal.Ticket> tickets, long longestNanos)
    {
        Interlocked.Increment(ref _sleeps);
        TimeSpan longest = TimeSpan.FromTicks((Math.Max(longestNanos, 0) / TimeSpan.NanosecondsPerTick) + 1);
        if (SharedSignal.WaitAny(tickets, longest) == WaitOutcome.TimedOut)
        {
            Interlocked.Increment(ref _overslept);
        }
    }

    /// <summary>Ends all waits with an <see cref="ObjectDisposedException"/>, and returns when no thread uses the partitions.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            Volatile.Write(ref _isClosed, true);
            foreach (GroupWait wait in _pending)
            {
                wait.End(new ObjectDisposedException(nameof(PartitionedQueue)));
            }

            _pending.Clear();
            Monitor.PulseAll(_gate);
        }

        _added.Notify();
        Blocked.Notify();
        _listener?.Join();
        lock (_gate)
        {
            while (_users > 0)
            {
                Monitor.Wait(_gate);
            }
        }

        _metadata.Dispose();
        _local.Dispose();
    }

    private void Run()
    {
        _ = TimeSlice.TryShorten();
        List<SharedSignal.Ticket> tickets = [];
        HashSet<SharedSignal> seen = [];
        while (TryCollect(tickets, seen) is { } longest)
        {
            Sleep(tickets, longest);
        }
    }

    // Completes the waits that are over, and collects the tickets of the others. Returns the longest sleep in nanoseconds, or null after
    // disposal. One ticket per signal is enough: if two waits have different tickets of a signal, the older ticket is notified, so its wait
    // is over.
    private long? TryCollect(List<SharedSignal.Ticket> tickets, HashSet<SharedSignal> seen)
    {
        lock (_gate)
        {
            long end = long.MaxValue;
            long now = 0;
            while (_pending.Count == 0 || CompleteAll(now = _clock.MonotonicNanos) == 0)
            {
                if (_isClosed)
                {
                    return null;
                }

                Monitor.Wait(_gate);
            }

            tickets.Clear();
            seen.Clear();
            tickets.Add(_added.Prepare());
            foreach (GroupWait wait in _pending)
            {
                end = Math.Min(end, wait.SleepsUntil);
                foreach (SharedSignal.Ticket ticket in wait.Tickets)
                {
                    if (seen.Add(ticket.Signal))
                    {
                        tickets.Add(ticket);
                    }
                }
            }

            return end - now;
        }
    }

    // Returns the number of waits that remain.
    private int CompleteAll(long now)
    {
        for (int i = _pending.Count - 1; i >= 0; i--)
        {
            GroupWait wait = _pending[i];
            if (wait.IsOver(now))
            {
                _pending.RemoveAt(i);
                wait.End(null);
            }
        }

        return _pending.Count;
    }
}
