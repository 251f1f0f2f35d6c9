using Estream.Queue;
using Estream.Streams.Observing;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Is told of messages that a stage cannot take.</summary>
internal abstract class Rejects
{
    /// <summary>What is seen of the messages; null where nobody asks.</summary>
    public virtual MessageSight? Sight => null;

    public abstract void Take(string reason, scoped in QueueMessage origin);

    /// <summary>Who is told of messages that cannot be read, where these are told of what cannot be taken.</summary>
    public Rejects? For(Unreadable unreadable) => unreadable switch
    {
        Unreadable.Refuse => null,
        Unreadable.Reject => this,
        _ => new CountedRejects(),
    };
}

/// <summary>How many there were since the pipeline was opened.</summary>
internal sealed class CountedRejects : Rejects
{
    private long _count;

    public long Count => Volatile.Read(ref _count);

    public override void Take(string reason, scoped in QueueMessage origin) => Volatile.Write(ref _count, _count + 1);
}
