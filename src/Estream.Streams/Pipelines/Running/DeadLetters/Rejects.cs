using Estream.Queue;
using Estream.Streams.Observing;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Is told of messages that a stage cannot take.</summary>
internal abstract class Rejects
{
    /// <summary>What is seen of the messages; null where nobody asks.</summary>
    public virtual MessageObserver? Observer => null;

    /// <summary>Takes a message.</summary>
    /// <param name="reason">Why it is rejected.</param>
    /// <param name="origin">The message.</param>
    /// <param name="shown">What is shown of the reason to whoever looks at the stream, where the reason itself may say what is in the
    /// message.</param>
    public abstract void Take(string reason, scoped in QueueMessage origin, string? shown = null);

    /// <summary>Who is told of messages that cannot be read, where these are told of what cannot be taken.</summary>
    public Rejects? For(UnreadableAction unreadable) => unreadable switch
    {
        UnreadableAction.Refuse => null,
        UnreadableAction.Reject => this,
        _ => Observer is { } observer ? new TracedRejects(new CountedRejects(), observer) : new CountedRejects(),
    };
}

/// <summary>How many there were since the pipeline was opened.</summary>
internal sealed class CountedRejects : Rejects
{
    private long _count;

    public long Count => Volatile.Read(ref _count);

    public override void Take(string reason, scoped in QueueMessage origin, string? shown = null) => Volatile.Write(ref _count, _count + 1);
}

/// <summary>Has the trace of a message say why it was rejected.</summary>
internal sealed class TracedRejects(Rejects inner, MessageObserver observer) : Rejects
{
    public override MessageObserver Observer => observer;

    public override void Take(string reason, scoped in QueueMessage origin, string? shown = null)
    {
        observer.Reject(shown ?? reason);
        inner.Take(reason, in origin, shown);
    }
}
