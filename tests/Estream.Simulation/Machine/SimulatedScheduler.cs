namespace Estream.Simulation.Machine;

/// <summary>Runs the background work of the code under test at chosen moments: at once, later, or when it is waited for.</summary>
internal sealed class SimulatedScheduler(SimulatedMachine machine) : TaskScheduler
{
    private readonly List<Task> _waiting = [];

    /// <summary>Runs one piece of background work, if there is any.</summary>
    public void RunOne()
    {
        if (_waiting.Count > 0)
        {
            Task task = _waiting[machine.Random.Below(_waiting.Count)];
            _waiting.Remove(task);
            Run(task);
        }
    }

    /// <summary>Drops all waiting work, because a process has ended.</summary>
    public void Forget() => _waiting.Clear();

    protected override IEnumerable<Task> GetScheduledTasks() => _waiting;

    protected override void QueueTask(Task task)
    {
        if (machine.Random.Chance(0.3))
        {
            Run(task);
        }
        else
        {
            _waiting.Add(task);
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => _waiting.Remove(task) && TryExecuteTask(task);

    // The task keeps its exception, so a death during the task is thrown again here to end the whole process.
    private void Run(Task task)
    {
        TryExecuteTask(task);
        machine.ThrowIfDying();
    }
}
