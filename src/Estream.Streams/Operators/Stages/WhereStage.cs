using Estream.Queue;

namespace Estream.Streams.Operators;

internal sealed class WhereStage<T>(EventPredicate<T> predicate, Stage<T> next) : Stage<T>
    where T : allows ref struct
{
    public override void Push(scoped in T item, scoped in QueueMessage message)
    {
        if (predicate(in item))
        {
            next.Push(in item, in message);
        }
    }
}
