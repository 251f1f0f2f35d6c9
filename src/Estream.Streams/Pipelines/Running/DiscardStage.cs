using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>The end of the stages where only what they reject is wanted.</summary>
internal sealed class DiscardStage : Stage<Record>
{
    public override void Push(scoped in Record item, scoped in QueueMessage message)
    {
    }
}
