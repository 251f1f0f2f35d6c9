using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// One thread for all asynchronous waits of a queue object. It sleeps until an appender wakes it, checks each waiting tailer for a message,
/// and completes the waits that have one. Continuations run on the thread pool.
/// </summary>
/// <remarks>
/// While a wait is pending no other thread uses its tailer, so this thread may. A wait is pending while it is in the list; the list
/// changes, and tailers are checked, under the gate. No wake-up is lost: listed waits are checked between announcing a sleep and sleeping,
/// and a wait added later is checked under the gate while the sleep is announced.
/// </remarks>
internal sealed class TailerListener : IDisposable
{
    private readonly object _gate = new();
    private readonly EstreamQueue _queue;

    // Null for a reader that may not write: it cannot announce a sleep, and checks every millisecond.
    private readonly WaiterSignal? _waiterSignal;
    private readonly List<TailerWait> _pending = [];
    private readonly Thread _thread;
    private long _sleepsUntil;
    private bool _isClosed;

    public TailerListener(EstreamQueue queue)
    {
        _queue = queue;
        _waiterSignal = queue.IsReadOnly ? null : queue.WaiterSignal;
        _thread = new Thread(Run) { IsBackground = true, Name = "estream-queue-listener" };
        _thread.Start();
    }

    /// <summary>Checks the tailer, and adds the wait if there is nothing to read yet.</summary>
    /// <returns>Whether it was added. If not, there is a message, or the timeout has passed.</returns>
    /// <exception cref="ObjectDisposedException">The queue is being disposed.</exception>
    public bool TryAdd(TailerWait wait)
    {
        bool isHasty;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(EstreamQueue));
            if (wait.IsOver())
            {
                return false;
            }

            _pending.Add(wait);
            isHasty = wait.LatestLook() < _sleepsUntil;
            Monitor.Pulse(_gate);
        }

        if (isHasty)
        {
            _waiterSignal?.Notify();
        }

        return true;
    }

    /// <summary>Removes a wait, unless it has ended, was replaced by a later one, or does not satisfy the condition.</summary>
    /// <returns>Whether it was removed: the caller then completes it.</returns>
    public bool TryRemove(TailerWait wait, Func<TailerWait, bool> condition)
    {
        lock (_gate)
        {
            return condition(wait) && _pending.Remove(wait);
        }
    }

    /// <summary>Ends all waits. The thread ends when it is woken.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (TailerWait wait in _pending)
            {
                wait.End(new ObjectDisposedException(nameof(EstreamQueue)));
            }

            _pending.Clear();
            Monitor.Pulse(_gate);
        }
    }

    public void Dispose() => _thread.Join();

    private void Run()
    {
        _ = TimeSlice.TryShorten();
        IdleStrategy idle = IdleStrategy.Sleep();
        while (TryAwaitWaits())
        {
            SharedSignal.Ticket? ticket = _waiterSignal?.Prepare();
            long longest = LookForAll(out bool someoneWaits);
            if (!someoneWaits)
            {
                idle.Reset();
            }
            else if (ticket is { } announced)
            {
                _waiterSignal!.Sleep(announced, TimeSpan.FromTicks(longest / TimeSpan.NanosecondsPerTick));
            }
            else
            {
                idle.Idle(0);
            }
        }
    }

    private bool TryAwaitWaits()
    {
        lock (_gate)
        {
            _sleepsUntil = 0;
            while (_pending.Count == 0 && !_isClosed)
            {
                Monitor.Wait(_gate);
            }

            return !_isClosed;
        }
    }

    /// <returns>The time to sleep, in nanoseconds.</returns>
    private long LookForAll(out bool someoneWaits)
    {
        lock (_gate)
        {
            long latest = long.MaxValue;
            for (int i = _pending.Count - 1; i >= 0; i--)
            {
                TailerWait wait = _pending[i];
                if (wait.TryEnd())
                {
                    _pending.RemoveAt(i);
                }
                else
                {
                    latest = Math.Min(latest, wait.LatestLook());
                }
            }

            someoneWaits = _pending.Count > 0;
            _sleepsUntil = someoneWaits ? latest : 0;
            return Math.Max(0, latest - _queue.Clock.MonotonicNanos);
        }
    }
}
