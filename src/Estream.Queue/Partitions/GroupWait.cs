using System.Threading.Tasks.Sources;
using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// The wait of one group member, reused for all sleeps of the member, so waiting allocates nothing. The thread that removes an asynchronous
/// wait from the list of <see cref="GroupWaits"/> completes the wait.
/// </summary>
internal sealed class GroupWait(GroupWaits waits, IClock clock) : IValueTaskSource
{
    private static readonly Action<object?> s_cancel = static wait => ((GroupWait)wait!).Cancel();

    private readonly List<SharedSignal> _signals = [];

    // Continuations must not run on the listener thread or under the gate of GroupWaits.
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellation;
    private bool _isAnnounced;

    /// <summary>The tickets of the announced sleep. Unchanged while the wait is pending.</summary>
    public List<SharedSignal.Ticket> Tickets { get; } = [];

    /// <summary>The end of the sleep on the monotonic clock.</summary>
    public long SleepsUntil { get; private set; }

    public bool IsCancelled => _cancellation.IsCancellationRequested;

    /// <summary>Announces a sleep, unless a sleep at the same signals is already announced.</summary>
    /// <param name="partitions">The partitions of the member.</param>
    /// <param name="isBlocking">Whether the calling thread will sleep itself.</param>
    /// <returns>Whether this call announced the sleep. If so, check the partitions again.</returns>
    public bool TryAnnounce(List<GroupPartition> partitions, bool isBlocking)
    {
        _signals.Clear();
        _signals.Add(waits.Members);
        if (isBlocking)
        {
            _signals.Add(waits.Blocked);
        }

        foreach (GroupPartition partition in partitions)
        {
            if (partition.Signal is { } signal)
            {
                _signals.Add(signal);
            }
        }

        if (_isAnnounced && IsAnnouncedAtSignals())
        {
            return false;
        }

        SharedSignal.PrepareAll(_signals, Tickets);
        _isAnnounced = true;
        return true;
    }

    /// <summary>Blocks the calling thread until a notification after the announcement. May return early.</summary>
    public void Sleep(long longestNanos)
    {
        _isAnnounced = false;
        waits.Sleep(Tickets, longestNanos);
    }

    /// <summary>Waits without blocking a thread until a notification after the announcement. May complete early.</summary>
    /// <param name="longestNanos">The longest sleep.</param>
    /// <param name="cancellation">Ends the sleep with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    /// <exception cref="OperationCanceledException">The wait is cancelled.</exception>
    public ValueTask SleepAsync(long longestNanos, CancellationToken cancellation)
    {
        _isAnnounced = false;
        _core.Reset();
        (SleepsUntil, _cancellation) = (clock.MonotonicNanos + Math.Max(longestNanos, 0), cancellation);

        // Registered before the wait is in the list, so the wait cannot end first.
        _registration = cancellation.UnsafeRegister(s_cancel, this);
        try
        {
            waits.Add(this);
        }
        catch
        {
            _registration.Unregister();
            throw;
        }

        return new ValueTask(this, _core.Version);
    }

    /// <exception cref="OperationCanceledException">The wait is cancelled.</exception>
    public void ThrowIfCancelled() => _cancellation.ThrowIfCancellationRequested();

    /// <summary>Whether a signal was notified, or the time has passed.</summary>
    public bool IsOver(long now)
    {
        foreach (SharedSignal.Ticket ticket in Tickets)
        {
            if (ticket.IsNotified)
            {
                return true;
            }
        }

        return now >= SleepsUntil;
    }

    /// <summary>Completes an asynchronous wait that was removed from the list.</summary>
    public void End(Exception? error)
    {
        if (error is null)
        {
            _core.SetResult(true);
        }
        else
        {
            _core.SetException(error);
        }
    }

    /// <inheritdoc/>
    public void GetResult(short token)
    {
        _registration.Unregister();
        _ = _core.GetResult(token);
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private bool IsAnnouncedAtSignals()
    {
        if (Tickets.Count != _signals.Count)
        {
            return false;
        }

        for (int i = 0; i < _signals.Count; i++)
        {
            if (Tickets[i].Signal != _signals[i])
            {
                return false;
            }
        }

        return true;
    }

    private void Cancel()
    {
        if (waits.TryRemoveCancelled(this))
        {
            End(new OperationCanceledException(_cancellation));
        }
    }
}
