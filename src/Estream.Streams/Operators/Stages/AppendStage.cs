using Estream.Queue;

namespace Estream.Streams.Operators;

internal sealed class AppendStage<T>(QueueEnd<T> end) : Stage<T>
    where T : allows ref struct
{
    public override void Push(scoped in T item, scoped in QueueMessage message) => end.Write(in item, in message);
}
