using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Makes a message of another schema of each message.</summary>
internal sealed class ProjectStage(ProjectedMessage made) : Stage<Record>
{
    public override void Push(scoped in Record item, scoped in QueueMessage message) => made.Push(item.Message, default, in message);
}
