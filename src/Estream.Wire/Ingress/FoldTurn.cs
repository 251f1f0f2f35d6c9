namespace Estream.Wire;

/// <summary>
/// Decides which thread works for a fold: its own, or one of those that append. One thread at a time has the turn. A thread that does not
/// get the turn asks the owner for another pass, so that no message stays unread. Thread-safe and non-blocking, except for
/// <see cref="WaitForTurn"/>.
/// </summary>
internal sealed class FoldTurn
{
    private const int Free = 0;
    private const int Taken = 1;
    private const int Asked = 2;

    private readonly object _gate = new();

    // The thread of the fold begins with the turn.
    private int _state = Taken;
    private bool _isHandedOver;

    /// <summary>Takes the turn, or asks the thread that has it for another pass.</summary>
    /// <returns>Whether the caller has the turn.</returns>
    public bool TryTakeOrAsk() => Interlocked.Exchange(ref _state, Asked) == Free;

    /// <summary>Begins a pass. Only the thread with the turn calls it, before it reads.</summary>
    public void Begin() => Interlocked.Exchange(ref _state, Taken);

    /// <summary>Gives the turn back after a pass that read everything.</summary>
    /// <returns>False if another thread asked for another pass meanwhile; then the caller keeps the turn.</returns>
    public bool TryRelease() => Interlocked.CompareExchange(ref _state, Free, Taken) == Taken;

    /// <summary>Passes the turn to the thread of the fold.</summary>
    public void HandOver()
    {
        lock (_gate)
        {
            _isHandedOver = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Waits until the turn is handed over, or until it is free at the end of an interval or when cancelled. Only the thread of
    /// the fold calls it.</summary>
    public void WaitForTurn(int intervalMs, CancellationToken cancellation)
    {
        using CancellationTokenRegistration registration = cancellation.UnsafeRegister(static turn => ((FoldTurn)turn!).Pulse(), this);
        lock (_gate)
        {
            // An appending thread keeps the turn for microseconds, so after a cancellation the next look succeeds.
            bool mayTake = cancellation.IsCancellationRequested;
            while (!_isHandedOver && !(mayTake && Interlocked.CompareExchange(ref _state, Taken, Free) == Free))
            {
                bool isPulsed = Monitor.Wait(_gate, cancellation.IsCancellationRequested ? 1 : intervalMs);
                mayTake = !isPulsed || cancellation.IsCancellationRequested;
            }

            _isHandedOver = false;
        }
    }

    private void Pulse()
    {
        lock (_gate)
        {
            Monitor.Pulse(_gate);
        }
    }
}
