using Estream.Queue;

namespace Estream.Streams.Operators;

internal sealed class SelectStage<T, TResult>(EventSelector<T, TResult> selector, Stage<TResult> next) : Stage<T>
    where T : allows ref struct
    where TResult : allows ref struct
{
    public override void Push(scoped in T item, scoped in QueueMessage message)
    {
        TResult result = selector(in item);
        next.Push(in result, in message);
    }
}
