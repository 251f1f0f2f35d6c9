using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Makes a message of another schema of each message.</summary>
internal sealed class ProjectStage(Projection projection, int maxBytes, Rejects rejects, Stage<Record> next) : Stage<Record>
{
    private readonly byte[] _buffer = new byte[maxBytes];

    public override void Push(scoped in Record item, scoped in QueueMessage message)
    {
        if (projection.Make(item.Message, default, _buffer, out int length) is string reason)
        {
            rejects.Take(reason, in message);
            return;
        }

        var made = new Record(_buffer.AsSpan(0, length), message);
        try
        {
            next.Push(in made, in message);
        }
        finally
        {
            if (projection.Target.IsProtected)
            {
                // What is private lies in clear here, and no longer than it has to.
                Array.Clear(_buffer);
            }
        }
    }
}
