using Estream.Circuits.Running;

namespace Estream.Circuits.Triggers;

/// <summary>Runs the timers of all circuits of a runtime on one thread, which is started with the first timer. Thread-safe.</summary>
internal sealed class TimerLoop : IAsyncDisposable
{
    private const string ThreadName = "estream-timers";
    private const long NanosPerMilli = 1_000_000;

    // Waits are short, because a jump of the clock can make a timer due earlier than computed.
    private const int LongestWaitMs = 100;

    private readonly Func<RunningCircuit[]> _circuits;
    private readonly PollingThread _thread;

    /// <param name="circuits">Returns the current circuits.</param>
    public TimerLoop(Func<RunningCircuit[]> circuits)
    {
        _circuits = circuits;
        _thread = new PollingThread(ThreadName, () => Until(RunDue()));
    }

    /// <summary>Starts or wakes the thread.</summary>
    public void Begin() => _thread.Begin();

    /// <summary>Writes the ticks that are due.</summary>
    /// <returns>The nanoseconds until the next action is due.</returns>
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

    // Rounds up, because a thread that wakes before the due time would poll again at once.
    private static TimeSpan Until(long nanos) => TimeSpan.FromMilliseconds(Math.Clamp((nanos / NanosPerMilli) + 1, 1, LongestWaitMs));
}
