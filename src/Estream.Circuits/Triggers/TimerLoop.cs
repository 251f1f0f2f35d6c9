using Estream.Circuits.Running;

namespace Estream.Circuits.Triggers;

/// <summary>Looks after the timers of all circuits of a runtime, on one thread, which is there from the first timer on.
/// Thread-safe.</summary>
internal sealed class TimerLoop : IAsyncDisposable
{
    private const string ThreadName = "estream-timers";
    private const long NanosPerMilli = 1_000_000;

    // A clock may jump, and a timer may be due that was not.
    private const int LongestWaitMs = 100;

    private readonly Func<RunningCircuit[]> _circuits;
    private readonly PollingThread _thread;

    /// <param name="circuits">The circuits there are.</param>
    public TimerLoop(Func<RunningCircuit[]> circuits)
    {
        _circuits = circuits;
        _thread = new PollingThread(ThreadName, () => Until(RunDue()));
    }

    /// <summary>A timer has begun.</summary>
    public void Begin() => _thread.Begin();

    /// <summary>Writes the ticks that are due.</summary>
    /// <returns>In how many nanoseconds there is something to do.</returns>
    public long RunDue()
    {
        long wait = CircuitTimer.Never;
        foreach (RunningCircuit circuit in _circuits())
        {
            foreach (CircuitTimer timer in circuit.Timers)
            {
                wait = Math.Min(wait, timer.RunDue());
            }
        }

        return wait;
    }

    public ValueTask DisposeAsync() => _thread.DisposeAsync();

    // Never before it is due, which would be to look again and again.
    private static TimeSpan Until(long nanos) => TimeSpan.FromMilliseconds(Math.Clamp((nanos / NanosPerMilli) + 1, 1, LongestWaitMs));
}
