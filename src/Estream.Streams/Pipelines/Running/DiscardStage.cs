using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Ends the stages of a pipeline that only needs the messages they reject.</summary>
internal sealed class DiscardStage : Stage<Record>
{
    public override void Push(scoped in Record item, scoped in QueueMessage message)
    {
    }
}
