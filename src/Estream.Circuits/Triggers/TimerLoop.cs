namespace Estream.Circuits.Triggers;

/// <summary>Looks after the timers of all circuits of a runtime, on one thread, which is there from the first timer on. Thread-safe.</summary>
/// <param name="circuits">The circuits there are.</param>
internal sealed class TimerLoop(Func<RunningCircuit[]> circuits) : IAsyncDisposable
{
    private const string ThreadName = "estream-timers";
    private const long NanosPerMilli = 1_000_000;

    // A clock may jump, and a timer may be due that was not.
    private const int LongestWaitMs = 100;

    private readonly Lock _lock = new();
    private readonly ManualResetEvent _stop = new(initialState: false);
    private readonly AutoResetEvent _wake = new(initialState: false);
    private Thread? _thread;
    private bool _isDisposed;

    /// <summary>A timer has begun.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _ = _wake.Set();
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = ThreadName };
                _thread.Start();
            }
        }
    }

    /// <summary>Writes the ticks that are due.</summary>
    /// <returns>In how many nanoseconds there is something to do.</returns>
    public long Look()
    {
        long wait = CircuitTimer.Never;
        foreach (RunningCircuit circuit in circuits())
        {
            foreach (CircuitTimer timer in circuit.Timers)
            {
                wait = Math.Min(wait, timer.Look());
            }
        }

        return wait;
    }

    public async ValueTask DisposeAsync()
    {
        Thread? thread;
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            thread = _thread;
        }

        _ = _stop.Set();
        await Task.Run(() => thread?.Join()).ConfigureAwait(false);
        _stop.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        WaitHandle[] either = [_stop, _wake];
        while (WaitHandle.WaitAny(either, MillisUntil(Look())) != 0)
        {
        }
    }

    // Never before it is due, which would be to look again and again.
    private static int MillisUntil(long nanos) => (int)Math.Clamp((nanos / NanosPerMilli) + 1, 1, LongestWaitMs);
}
