namespace Estream.Queue.Internal;

/// <summary>
/// The thread on which a queue prepares its segments; it is started by the first task. One that stays, and not one for each segment: a
/// thread begins on the processor of the one that starts it, which is the appender, and would take turns with it there as long as the
/// preparation lasts, even where another processor is idle. One that was asleep is woken where there is room.
/// </summary>
internal sealed class SegmentPreallocator : TaskScheduler, IDisposable
{
    private readonly Queue<Task> _tasks = new();
    private Thread? _thread;
    private bool _ended;

    /// <summary>One after the other; nothing here would run beside another.</summary>
    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Ends the thread when everything is done. What comes later is done by whoever brings it.</summary>
    public void Dispose()
    {
        Thread? thread;
        lock (_tasks)
        {
            _ended = true;
            thread = _thread;
            Monitor.Pulse(_tasks);
        }

        thread?.Join();
    }

    /// <inheritdoc/>
    protected override void QueueTask(Task task)
    {
        lock (_tasks)
        {
            if (!_ended)
            {
                _tasks.Enqueue(task);
                if (_thread is null)
                {
                    _thread = new Thread(Run) { IsBackground = true, Name = "estream-queue-prepare" };
                    _thread.Start();
                }

                Monitor.Pulse(_tasks);
                return;
            }
        }

        _ = TryExecuteTask(task);
    }

    /// <summary>Who waits for what has not been begun does it: the thread finds it done.</summary>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => TryExecuteTask(task);

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_tasks)
        {
            return [.. _tasks];
        }
    }

    private void Run()
    {
        while (TryTake() is { } task)
        {
            _ = TryExecuteTask(task);
        }
    }

    private Task? TryTake()
    {
        lock (_tasks)
        {
            while (_tasks.Count == 0 && !_ended)
            {
                _ = Monitor.Wait(_tasks);
            }

            return _tasks.TryDequeue(out Task? task) ? task : null;
        }
    }
}
