using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace Estream.Queue.Internal;

/// <summary>Joins two waits for a message into one, which completes when both have completed. The first failure ends it.</summary>
/// <remarks>Thread-safe. Wait objects are reused, so joining does not allocate.</remarks>
internal sealed class JointWaits
{
    private const int PooledLimit = 1_024;

    private readonly Lock _gate = new();
    private readonly Stack<JointWait> _pool = new();

    /// <summary>Joins two waits. Await only the result.</summary>
    public ValueTask Join(ValueTask first, ValueTask second)
    {
        if (first.IsCompletedSuccessfully)
        {
            // A pooled source returns to its pool when its result is taken.
            first.GetAwaiter().GetResult();
            return second;
        }

        if (second.IsCompletedSuccessfully)
        {
            second.GetAwaiter().GetResult();
            return first;
        }

        JointWait? wait;
        lock (_gate)
        {
            wait = _pool.Count > 0 ? _pool.Pop() : new JointWait(this);
        }

        return wait.Begin(first, second);
    }

    private void Return(JointWait wait)
    {
        lock (_gate)
        {
            if (_pool.Count < PooledLimit)
            {
                _pool.Push(wait);
            }
        }
    }

    private sealed class JointWait : IValueTaskSource
    {
        private const int Waits = 2;

        private readonly JointWaits _owner;
        private readonly Action _onFirst;
        private readonly Action _onSecond;
        private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
        private ValueTaskAwaiter _first;
        private ValueTaskAwaiter _second;
        private int _left;
        private int _hasFailed;
        private int _users;

        public JointWait(JointWaits owner)
        {
            _owner = owner;
            _onFirst = () => End(_first);
            _onSecond = () => End(_second);
        }

        public ValueTask Begin(ValueTask first, ValueTask second)
        {
            (_left, _hasFailed) = (Waits, 0);

            // The two waits and the caller: the last of them returns this object to the pool.
            _users = Waits + 1;
            _core.Reset();
            _first = first.GetAwaiter();
            _second = second.GetAwaiter();
            ValueTask joint = new(this, _core.Version);
            _first.UnsafeOnCompleted(_onFirst);
            _second.UnsafeOnCompleted(_onSecond);
            return joint;
        }

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _core.OnCompleted(continuation, state, token, flags);

        public void GetResult(short token)
        {
            try
            {
                _core.GetResult(token);
            }
            finally
            {
                Leave();
            }
        }

        private void End(ValueTaskAwaiter wait)
        {
            Exception? failure = null;
            try
            {
                wait.GetResult();
            }
            catch (Exception thrown)
            {
                failure = thrown;
            }

            if (failure is null)
            {
                if (Interlocked.Decrement(ref _left) == 0)
                {
                    _core.SetResult(true);
                }
            }
            else if (Interlocked.Exchange(ref _hasFailed, 1) == 0)
            {
                _core.SetException(failure);
            }

            Leave();
        }

        private void Leave()
        {
            if (Interlocked.Decrement(ref _users) == 0)
            {
                _owner.Return(this);
            }
        }
    }
}
