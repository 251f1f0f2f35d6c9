using Estream.Queue;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Is told of messages that a stage cannot take.</summary>
internal abstract class Rejects
{
    public abstract void Take(string reason, scoped in QueueMessage origin);
}

/// <summary>How many there were since the pipeline was opened.</summary>
internal sealed class CountedRejects : Rejects
{
    private long _count;

    public long Count => Volatile.Read(ref _count);

    public override void Take(string reason, scoped in QueueMessage origin) => Volatile.Write(ref _count, _count + 1);
}
