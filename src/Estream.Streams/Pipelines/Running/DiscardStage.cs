using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>The last stage of a pipeline that only collects rejected messages: discards the messages that no stage rejected.</summary>
internal sealed class DiscardStage : Stage<Record>
{
    public override void Push(scoped in Record item, scoped in QueueMessage message)
    {
    }
}
