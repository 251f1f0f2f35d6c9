using Estream.Queue;
using Estream.Streams.Observing;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Has the trace of a message say why it was rejected.</summary>
internal sealed class SeenRejects(Rejects inner, MessageSight sight) : Rejects
{
    public override MessageSight Sight => sight;

    public override void Take(string reason, scoped in QueueMessage origin, string? shown = null)
    {
        sight.Reject(shown ?? reason);
        inner.Take(reason, in origin, shown);
    }
}
