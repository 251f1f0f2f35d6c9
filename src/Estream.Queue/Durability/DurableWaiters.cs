using System.Threading.Tasks.Sources;

namespace Estream.Queue.Internal;

/// <summary>Those who wait until their message is on the device. A flush lets all of them go on whose messages it reached.</summary>
/// <remarks>Thread-safe. What a waiter needs is used again for later ones, so that waiting does not allocate.</remarks>
internal sealed class DurableWaiters(string directory)
{
    private const int PooledLimit = 1_024;
    private const int LongestBlockMs = 10;

    private readonly object _gate = new();
    private readonly List<Waiter> _waiting = [];
    private readonly Stack<Waiter> _pool = new();
    private int _turn;
    private int _inside;
    private bool _isClosed;

    /// <summary>A flush begins for those who wait now; whoever comes later asks for one.</summary>
    public void BeginTurn()
    {
        lock (_gate)
        {
            _turn++;
        }
    }

    /// <summary>Whether the flush has left somebody waiting for whom it was begun.</summary>
    public bool AnyLeft()
    {
        lock (_gate)
        {
            foreach (Waiter waiter in _waiting)
            {
                if (waiter.Turn != _turn)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Waits for a position without a thread. Look again afterwards whether it has come true meanwhile.</summary>
    public ValueTask Add(long position, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellation);
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(EstreamQueue));
            Waiter waiter = _pool.Count > 0 ? _pool.Pop() : new Waiter(this);
            _waiting.Add(waiter);

            // Within the lock, so that a cancellation that comes now finds it in the list and its registration in its place.
            return waiter.Begin(position, cancellation);
        }
    }

    /// <summary>Lets those go on who wait for positions before <paramref name="durable"/>.</summary>
    public void Complete(long durable) => TakeOut(durable, failure: null);

    /// <summary>Ends every wait with an error.</summary>
    public void Fail(Exception failure) => TakeOut(long.MaxValue, failure);

    /// <summary>A thread begins to wait by <see cref="Block"/>.</summary>
    /// <exception cref="ObjectDisposedException">The queue is being closed.</exception>
    public void Enter()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(EstreamQueue));
            _inside++;
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            _inside--;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Blocks until something may have changed: the caller looks again, some milliseconds late at worst.</summary>
    /// <exception cref="ObjectDisposedException">The queue is being closed.</exception>
    public void Block()
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                Monitor.Wait(_gate, LongestBlockMs);
            }

            ObjectDisposedException.ThrowIf(_isClosed, typeof(EstreamQueue));
        }
    }

    /// <summary>Ends every wait and returns when no thread is in one: what they look at may go then.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
            while (_inside > 0)
            {
                Monitor.Wait(_gate);
            }
        }

        Fail(new ObjectDisposedException(nameof(EstreamQueue)));
    }

    // Each waiter is ended outside the lock: what runs then is not known here.
    private void TakeOut(long durable, Exception? failure)
    {
        while (TryTakeOne(durable) is { } waiter)
        {
            waiter.End(failure);
        }
    }

    private Waiter? TryTakeOne(long durable)
    {
        lock (_gate)
        {
            if (_inside > 0)
            {
                Monitor.PulseAll(_gate);
            }

            for (int i = _waiting.Count - 1; i >= 0; i--)
            {
                if (_waiting[i].Position < durable)
                {
                    Waiter waiter = _waiting[i];
                    TakeOutAt(i);
                    return waiter;
                }
            }

            return null;
        }
    }

    private void TakeOutAt(int index)
    {
        _waiting[index] = _waiting[^1];
        _waiting.RemoveAt(_waiting.Count - 1);
    }

    private void Cancel(Waiter waiter, CancellationToken cancellation)
    {
        lock (_gate)
        {
            int index = _waiting.IndexOf(waiter);
            if (index < 0)
            {
                // A flush that came first has taken it out, and ends it.
                return;
            }

            TakeOutAt(index);
        }

        waiter.End(new OperationCanceledException(
            $"Waiting until queue '{directory}' is on its device was cancelled. The message stays appended.", cancellation));
    }

    private void Return(Waiter waiter)
    {
        lock (_gate)
        {
            if (_pool.Count < PooledLimit)
            {
                _pool.Push(waiter);
            }
        }
    }

    private sealed class Waiter(DurableWaiters owner) : IValueTaskSource
    {
        // Whoever waited must not run on the thread that flushes.
        private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
        private CancellationTokenRegistration _registration;

        public long Position { get; private set; }

        public int Turn { get; private set; }

        public ValueTask Begin(long position, CancellationToken cancellation)
        {
            Position = position;
            Turn = owner._turn;
            _core.Reset();
            _registration = cancellation.UnsafeRegister(static (waiter, token) => ((Waiter)waiter!).Cancel(token), this);
            return new ValueTask(this, _core.Version);
        }

        public void End(Exception? failure)
        {
            if (failure is null)
            {
                _core.SetResult(true);
            }
            else
            {
                _core.SetException(failure);
            }
        }

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _core.OnCompleted(continuation, state, token, flags);

        public void GetResult(short token)
        {
            // Waits for a cancellation that is running: afterwards nobody but the pool knows this waiter.
            _registration.Dispose();
            try
            {
                _core.GetResult(token);
            }
            finally
            {
                owner.Return(this);
            }
        }

        private void Cancel(CancellationToken cancellation) => owner.Cancel(this, cancellation);
    }
}
