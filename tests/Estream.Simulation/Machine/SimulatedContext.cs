namespace Estream.Simulation.Machine;

/// <summary>Runs the continuations of waits that were begun in <see cref="Do"/> at a chosen moment, on the thread of the
/// simulation.</summary>
internal sealed class SimulatedContext : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _posted = new();

    public override void Post(SendOrPostCallback d, object? state) => _posted.Enqueue((d, state));

    /// <summary>Runs an action whose waits continue in this context.</summary>
    public void Do(Action action)
    {
        SynchronizationContext? before = Current;
        SetSynchronizationContext(this);
        try
        {
            action();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Runs the continuations that are due.</summary>
    public void RunPosted()
    {
        while (_posted.TryDequeue(out (SendOrPostCallback Callback, object? State) due))
        {
            due.Callback(due.State);
        }
    }
}
