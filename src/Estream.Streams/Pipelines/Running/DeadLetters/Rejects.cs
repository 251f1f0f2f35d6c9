using Estream.Queue;
using Estream.Streams.Observing;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Receives the messages that a stage rejects.</summary>
internal abstract class Rejects
{
    /// <summary>Observes the messages; null for no observer.</summary>
    public virtual MessageObserver? Observer => null;

    /// <summary>Rejects a message.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="origin">The message.</param>
    /// <param name="shown">A reason without message content to show in traces, if <paramref name="reason"/> may reveal content; otherwise
    /// null.</param>
    public abstract void Take(string reason, scoped in QueueMessage origin, string? shown = null);

    /// <summary>Returns the receiver of unreadable messages that corresponds to this receiver of rejected messages.</summary>
    public Rejects? For(UnreadableAction unreadable) => unreadable switch
    {
        UnreadableAction.Refuse => null,
        UnreadableAction.Reject => this,
        _ => Observer is { } observer ? new TracedRejects(new CountedRejects(), observer) : new CountedRejects(),
    };
}

/// <summary>Counts the rejected messages since the pipeline was opened.</summary>
internal sealed class CountedRejects : Rejects
{
    private long _count;

    public long Count => Volatile.Read(ref _count);

    public override void Take(string reason, scoped in QueueMessage origin, string? shown = null) => Volatile.Write(ref _count, _count + 1);
}

/// <summary>Adds the reason to the trace of a rejected message.</summary>
internal sealed class TracedRejects(Rejects inner, MessageObserver observer) : Rejects
{
    public override MessageObserver Observer => observer;

    public override void Take(string reason, scoped in QueueMessage origin, string? shown = null)
    {
        observer.Reject(shown ?? reason);
        inner.Take(reason, in origin, shown);
    }
}
