namespace Estream.Host.Remote;

/// <summary>
/// Limits the scans that run at once, and lets identities take turns, so that one identity with many scans delays the others by one turn
/// of each and the rest of the host by a part of its processors. Thread-safe.
/// </summary>
/// <param name="slotCount">The number of scans that run at once.</param>
/// <param name="perIdentity">The number of them that one identity may have.</param>
internal sealed class ScanTurns(int slotCount, int perIdentity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Waiters> _waiters = new(StringComparer.Ordinal);

    // The identities that have scans to run, in the order of their turns.
    private readonly LinkedList<Waiters> _rotation = [];
    private int _running;

    /// <summary>Half of the processors, at least one.</summary>
    public static int HalfOfProcessors { get; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Waits for a turn.</summary>
    /// <param name="identity">The name of the identity.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The turn. Dispose it after a bounded amount of work.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public async ValueTask<Turn> EnterAsync(string identity, CancellationToken cancellation)
    {
        TaskCompletionSource granted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        LinkedListNode<TaskCompletionSource> place;
        lock (_lock)
        {
            if (!_waiters.TryGetValue(identity, out Waiters? own))
            {
                _waiters.Add(identity, own = new Waiters(identity));
            }

            place = own.Queue.AddLast(granted);
            Rotate(own);
            Grant();
        }

        using (cancellation.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), granted))
        {
            try
            {
                await granted.Task.ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                Withdraw(identity, place);
                throw;
            }
        }

        return new Turn(this, identity);
    }

    private void Withdraw(string identity, LinkedListNode<TaskCompletionSource> place)
    {
        lock (_lock)
        {
            if (place.List is not null && _waiters.TryGetValue(identity, out Waiters? own))
            {
                own.Queue.Remove(place);
                Rotate(own);
            }
        }
    }

    private void Leave(string identity)
    {
        lock (_lock)
        {
            Waiters own = _waiters[identity];
            own.Running--;
            _running--;
            Rotate(own);
            Grant();
        }
    }

    // Keeps an identity in the rotation while it may run another scan, and forgets identities without scans.
    private void Rotate(Waiters own)
    {
        bool mayRun = own.Queue.Count > 0 && own.Running < perIdentity;
        if (mayRun && own.Place.List is null)
        {
            _rotation.AddLast(own.Place);
        }
        else if (!mayRun && own.Place.List is not null)
        {
            _rotation.Remove(own.Place);
        }

        if (own is { Queue.Count: 0, Running: 0 })
        {
            _waiters.Remove(own.Identity);
        }
    }

    private void Grant()
    {
        while (_running < slotCount && _rotation.First is { } next)
        {
            Waiters own = next.Value;
            TaskCompletionSource granted = own.Queue.First!.Value;
            own.Queue.RemoveFirst();
            _rotation.Remove(next);
            if (granted.TrySetResult())
            {
                own.Running++;
                _running++;
            }

            Rotate(own);
        }
    }

    /// <summary>The right to scan; the default value for work that needs no turn.</summary>
    internal readonly struct Turn(ScanTurns? turns, string identity) : IDisposable
    {
        public void Dispose() => turns?.Leave(identity);
    }

    private sealed class Waiters
    {
        public Waiters(string identity)
        {
            Identity = identity;
            Place = new LinkedListNode<Waiters>(this);
        }

        public string Identity { get; }

        public LinkedList<TaskCompletionSource> Queue { get; } = [];

        public LinkedListNode<Waiters> Place { get; }

        public int Running { get; set; }
    }
}
