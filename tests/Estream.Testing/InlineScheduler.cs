namespace Estream.Testing;

/// <summary>
/// Does background work at once, on the thread that starts it: for a test whose clock or files must not change under work that happens to
/// be late.
/// </summary>
public sealed class InlineScheduler : TaskScheduler
{
    /// <summary>The one there is: it has no state.</summary>
    public static InlineScheduler Instance { get; } = new();

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks() => [];

    /// <inheritdoc/>
    protected override void QueueTask(Task task) => TryExecuteTask(task);

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && TryExecuteTask(task);
}
