using Estream.Queue;

namespace Estream.Streams.Operators;

/// <summary>Looks up a key in a map of any kind.</summary>
internal delegate bool MapReader<TKey, TValue>(in TKey key, out TValue value);

/// <summary>Combines each event with the value that a map has for it, and drops events without a value.</summary>
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

/// <summary>Combines each event with the value that a map has for it, if any.</summary>
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
