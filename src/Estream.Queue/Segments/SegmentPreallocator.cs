namespace Estream.Queue.Internal;

/// <summary>
/// The thread on which a queue prepares its segments, started by the first task. The thread is permanent: a new thread would start on the
/// processor of its creator, the appender, and compete with the appender even if another processor is idle. A sleeping thread is woken on
/// an idle processor.
/// </summary>
internal sealed class SegmentPreallocator : TaskScheduler, IDisposable
{
    private readonly Queue<Task> _tasks = new();
    private Thread? _thread;
    private bool _ended;

    /// <summary>Runs one task at a time.</summary>
    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Ends the thread when all tasks are done. Later tasks run on the calling thread.</summary>
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

    /// <summary>A caller that waits for a task not yet started runs it; the thread then finds it done.</summary>
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
