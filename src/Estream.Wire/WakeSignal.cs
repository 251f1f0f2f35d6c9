namespace Estream.Wire;

/// <summary>Wakes threads of this process that wait for a queue to grow; costs one fence and a load while nobody sleeps. Thread-safe.</summary>
public sealed class WakeSignal
{
    private readonly Lock _lock = new();
    private WakeWaiter[] _waiters = [];

    /// <summary>Wakes every sleeping waiter. Call it after the messages are visible.</summary>
    public void Set()
    {
        // Orders the publication of the messages before the look at who sleeps; the waiter does the opposite.
        Interlocked.MemoryBarrier();
        foreach (WakeWaiter waiter in Volatile.Read(ref _waiters))
        {
            waiter.Wake();
        }
    }

    /// <summary>Adds a waiter for one thread; dispose it to remove it.</summary>
    public WakeWaiter Subscribe()
    {
        WakeWaiter waiter = new(this);
        lock (_lock)
        {
            _waiters = [.. _waiters, waiter];
        }

        return waiter;
    }

    internal void Remove(WakeWaiter waiter)
    {
        lock (_lock)
        {
            _waiters = [.. _waiters.Where(candidate => candidate != waiter)];
        }
    }
}

/// <summary>One thread's place to sleep in a <see cref="WakeSignal"/>.</summary>
/// <remarks>
/// Announce the wish to sleep with <see cref="Prepare"/>, look for work once more, then <see cref="Sleep"/> or
/// <see cref="Cancel"/>: a message that is published at any moment is either seen by the look or wakes the sleeper.
/// </remarks>
public sealed class WakeWaiter : IDisposable
{
    private readonly WakeSignal _signal;
    private readonly SemaphoreSlim _semaphore = new(0);
    private int _sleeps;

    internal WakeWaiter(WakeSignal signal)
    {
        _signal = signal;
    }

    /// <summary>From now on a <see cref="WakeSignal.Set"/> wakes this waiter.</summary>
    public void Prepare()
    {
        // A full fence: the announcement is visible before the caller looks for work once more.
        Interlocked.Exchange(ref _sleeps, 1);
    }

    /// <summary>Takes <see cref="Prepare"/> back, because there was work after all.</summary>
    public void Cancel()
    {
        if (Interlocked.Exchange(ref _sleeps, 0) == 0)
        {
            // Woken in between: take the permit, or the next sleep would end at once.
            _semaphore.Wait();
        }
    }

    /// <summary>Sleeps until woken, at most for a while.</summary>
    /// <param name="limitMs">Milliseconds after which it returns anyway.</param>
    /// <param name="cancellation">Ends the sleep early, without an exception.</param>
    public void Sleep(int limitMs, CancellationToken cancellation)
    {
        try
        {
            if (_semaphore.Wait(limitMs, cancellation))
            {
                return;
            }
        }
        catch (OperationCanceledException)
        {
            // The caller looks at the token.
        }

        Cancel();
    }

    /// <summary>The same without a thread.</summary>
    /// <param name="limitMs">Milliseconds after which it returns anyway.</param>
    /// <param name="cancellation">Ends the sleep early, without an exception.</param>
    public async Task SleepAsync(int limitMs, CancellationToken cancellation)
    {
        try
        {
            if (await _semaphore.WaitAsync(limitMs, cancellation).ConfigureAwait(false))
            {
                return;
            }
        }
        catch (OperationCanceledException)
        {
            // The caller looks at the token.
        }

        Cancel();
    }

    /// <summary>Removes the waiter. Nobody may be asleep in it.</summary>
    public void Dispose()
    {
        _signal.Remove(this);

        // A Set that is under way may still release the semaphore, so it is left to the garbage collector.
    }

    internal void Wake()
    {
        if (Volatile.Read(ref _sleeps) == 1 && Interlocked.Exchange(ref _sleeps, 0) == 1)
        {
            _semaphore.Release();
        }
    }
}
