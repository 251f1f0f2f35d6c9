using Estream.Queue;

namespace Estream.Streams.Operators;

/// <summary>How a map is looked at, of whichever kind it is.</summary>
internal delegate bool MapReader<TKey, TValue>(in TKey key, out TValue value);

/// <summary>Adds to each event what a map has for it, and leaves out those it has nothing for.</summary>
internal sealed class LookupStage<T, TKey, TValue, TResult>(MapReader<TKey, TValue> map, EventSelector<T, TKey> key,
    EventJoiner<T, TValue, TResult> join, Stage<TResult> next) : Stage<T>
    where T : allows ref struct
    where TResult : allows ref struct
{
    public override void Push(scoped in T item, scoped in QueueMessage message)
    {
        TKey itsKey = key(in item);
        if (map(in itsKey, out TValue value))
        {
            TResult result = join(in item, in value);
            next.Push(in result, in message);
        }
    }
}

/// <summary>Adds to each event what a map has for it, if it has something.</summary>
internal sealed class LeftLookupStage<T, TKey, TValue, TResult>(MapReader<TKey, TValue> map, EventSelector<T, TKey> key,
    EventLeftJoiner<T, TValue, TResult> join, Stage<TResult> next) : Stage<T>
    where T : allows ref struct
    where TResult : allows ref struct
{
    public override void Push(scoped in T item, scoped in QueueMessage message)
    {
        TKey itsKey = key(in item);
        bool isThere = map(in itsKey, out TValue value);
        TResult result = join(in item, isThere, in value);
        next.Push(in result, in message);
    }
}
