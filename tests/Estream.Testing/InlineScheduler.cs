namespace Estream.Testing;

/// <summary>
/// Runs background work immediately on the thread that starts it, for tests whose clock or files must not change while background work is
/// still pending.
/// </summary>
public sealed class InlineScheduler : TaskScheduler
{
    /// <summary>The shared instance; it has no state.</summary>
    public static InlineScheduler Instance { get; } = new();

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks() => [];

    /// <inheritdoc/>
    protected override void QueueTask(Task task) => TryExecuteTask(task);

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && TryExecuteTask(task);
}
