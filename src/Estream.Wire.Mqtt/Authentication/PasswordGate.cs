using System.Net;
using Estream.Core;

namespace Estream.Wire.Mqtt.Internal.Authentication;

/// <summary>
/// Limits how many key derivations run at a time. Addresses take turns: one address with a thousand waiting clients delays an address with
/// one client by only one derivation. Addresses with recent wrong passwords get only every fourth turn while others wait. An IPv6 address
/// counts as its /64 network. Thread-safe.
/// </summary>
internal sealed class PasswordGate(int places, IClock clock)
{
    private const int LateTurn = 4;
    private const int SuspiciousFailures = 3;
    private const int MaxAddresses = 100_000;
    private const long WindowNanos = 60_000_000_000;

    private readonly Lock _lock = new();
    private readonly Lane _prompt = new();
    private readonly Lane _late = new();
    private readonly Dictionary<IPAddress, (int Count, long Since)> _failures = [];
    private int _free = places;
    private int _turns;

    /// <summary>Returns the number of wrong passwords from an address within the last minute.</summary>
    public int FailuresOf(IPAddress address)
    {
        lock (_lock)
        {
            return CountOf(CountedAddress.Of(address));
        }
    }

    /// <summary>Counts a wrong password.</summary>
    public void CountFailure(IPAddress address)
    {
        lock (_lock)
        {
            IPAddress key = CountedAddress.Of(address);
            int count = CountOf(key);
            if (count == 0 && _failures.Count >= MaxAddresses)
            {
                // Clear the table so that it does not grow further. For up to a minute, addresses with wrong passwords get as many turns as
                // the others.
                _failures.Clear();
            }

            _failures[key] = (count + 1, count == 0 ? clock.MonotonicNanos : _failures[key].Since);
        }
    }

    /// <summary>Waits for a slot.</summary>
    /// <returns>True if the caller has a slot and must call <see cref="Exit"/>; false after the time limit.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public async Task<bool> EnterAsync(IPAddress address, TimeSpan limit, CancellationToken cancellation)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (_free > 0)
            {
                _free--;
                return true;
            }

            IPAddress key = CountedAddress.Of(address);
            waiter = new Waiter();
            (CountOf(key) >= SuspiciousFailures ? _late : _prompt).Add(key, waiter);
        }

        try
        {
            await waiter.Admitted.WaitAsync(limit, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return !waiter.TryAbandon();
        }
        catch (OperationCanceledException)
        {
            if (!waiter.TryAbandon())
            {
                Exit();
            }

            throw;
        }
    }

    /// <summary>Ends a check and passes its slot to the next waiter.</summary>
    public void Exit()
    {
        lock (_lock)
        {
            while (TryTakeNext(out Waiter? next))
            {
                if (next.TryAdmit())
                {
                    return;
                }
            }

            _free++;
        }
    }

    private bool TryTakeNext([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Waiter? next)
    {
        bool isLateTurn = ++_turns % LateTurn == 0;
        return isLateTurn
            ? _late.TryTake(out next) || _prompt.TryTake(out next)
            : _prompt.TryTake(out next) || _late.TryTake(out next);
    }

    private int CountOf(IPAddress key)
    {
        if (!_failures.TryGetValue(key, out (int Count, long Since) failures))
        {
            return 0;
        }

        if (clock.MonotonicNanos - failures.Since < WindowNanos)
        {
            return failures.Count;
        }

        _failures.Remove(key);
        return 0;
    }

    /// <summary>The waiters by address. The addresses take turns.</summary>
    private sealed class Lane
    {
        private readonly Dictionary<IPAddress, Queue<Waiter>> _waiting = [];
        private readonly Queue<IPAddress> _turn = new();

        public void Add(IPAddress address, Waiter waiter)
        {
            if (!_waiting.TryGetValue(address, out Queue<Waiter>? queue))
            {
                _waiting.Add(address, queue = new Queue<Waiter>());
                _turn.Enqueue(address);
            }

            queue.Enqueue(waiter);
        }

        public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Waiter? waiter)
        {
            if (!_turn.TryDequeue(out IPAddress? address))
            {
                waiter = null;
                return false;
            }

            Queue<Waiter> queue = _waiting[address];
            waiter = queue.Dequeue();
            if (queue.Count > 0)
            {
                _turn.Enqueue(address);
            }
            else
            {
                _waiting.Remove(address);
            }

            return true;
        }
    }

    private sealed class Waiter
    {
        private const int Waiting = 0;
        private const int HasPlace = 1;
        private const int HasLeft = 2;

        private readonly TaskCompletionSource _admitted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _state;

        public Task Admitted => _admitted.Task;

        public bool TryAdmit()
        {
            bool isAdmitted = Interlocked.CompareExchange(ref _state, HasPlace, Waiting) == Waiting;
            if (isAdmitted)
            {
                _admitted.SetResult();
            }

            return isAdmitted;
        }

        public bool TryAbandon() => Interlocked.CompareExchange(ref _state, HasLeft, Waiting) == Waiting;
    }
}
