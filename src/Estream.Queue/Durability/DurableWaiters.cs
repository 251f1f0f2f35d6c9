using System.Threading.Tasks.Sources;

namespace Estream.Queue.Internal;

/// <summary>Waiters for durable messages. A flush completes all waiters whose messages it reached.</summary>
/// <remarks>Thread-safe. Waiter objects are reused, so waiting does not allocate.</remarks>
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

    /// <summary>Called when a flush starts for the current waiters. Later waiters request another flush.</summary>
    public void BeginTurn()
    {
        lock (_gate)
        {
            _turn++;
        }
    }

    /// <summary>Whether waiters remain for which the flush was started.</summary>
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

    /// <summary>Waits for a position without a thread. Check the durable position again after this call.</summary>
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

            // Inside the lock, so that a cancellation now finds the waiter in the list and its registration set.
            return waiter.Begin(position, cancellation);
        }
    }

    /// <summary>Completes the waiters for positions before <paramref name="durable"/>.</summary>
    public void Complete(long durable) => TakeOut(durable, failure: null);

    /// <summary>Ends every wait with an error.</summary>
    public void Fail(Exception failure) => TakeOut(long.MaxValue, failure);

    /// <summary>Registers a thread that waits with <see cref="Block"/>.</summary>
    /// <exception cref="ObjectDisposedException">The queue is being disposed.</exception>
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

    /// <summary>Blocks until something may have changed: the caller checks again, at most a few milliseconds late.</summary>
    /// <exception cref="ObjectDisposedException">The queue is being disposed.</exception>
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

    /// <summary>Ends every wait and returns when no thread is waiting: afterwards the state they read may be released.</summary>
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

    // Completes each waiter outside the lock: the continuation is unknown code.
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
                // A flush has removed the waiter first, and completes it.
                return;
            }

            TakeOutAt(index);
        }

        waiter.End(new OperationCanceledException(
            $"The wait until queue '{directory}' is durable was cancelled. The message stays appended.", cancellation));
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
        // Continuations must not run on the flushing thread.
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
            // Waits for a running cancellation: afterwards only the pool references this waiter.
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
