using Estream.Queue;

namespace Estream.Streams.Operators;

/// <summary>An operator of a pipeline that is set up: receives events and passes them, or its results, to the next stage. Used on one
/// thread.</summary>
internal abstract class Stage<T>
    where T : allows ref struct
{
    /// <summary>Processes an event.</summary>
    /// <param name="item">The event.</param>
    /// <param name="message">The message of the event.</param>
    public abstract void Push(scoped in T item, scoped in QueueMessage message);
}

internal sealed class AppendStage<T>(QueueEnd<T> end) : Stage<T>
    where T : allows ref struct
{
    public override void Push(scoped in T item, scoped in QueueMessage message) => end.Write(in item, in message);
}

/// <summary>Folds the events of each key into a state. The state stores the position of its last event, in the same step, so each event
/// counts once.</summary>
internal sealed class FoldStage<T, TKey, TState>(MapOrigin<TKey, Folded<TState>> origin, EventSelector<T, TKey> key,
    EventFolder<TState, T> fold) : Stage<T>
    where T : allows ref struct
    where TKey : unmanaged
    where TState : unmanaged
{
    public override void Push(scoped in T item, scoped in QueueMessage message)
    {
        TKey itsKey = key(in item);
        origin.Mark(message.Position);
        bool isThere = origin.Map.TryGet(in itsKey, out Folded<TState> folded);
        if (isThere && folded.Position >= message.Position)
        {
            return;
        }

        TState state = isThere ? folded.State : default;
        fold(ref state, in item);
        folded = new Folded<TState>(message.Position, state);
        origin.Put(in itsKey, in folded);
    }
}

/// <summary>Keeps the newest value of each key. Idempotent: after a crash, the last event is put again.</summary>
internal sealed class PutStage<T, TKey, TValue>(MapOrigin<TKey, TValue> origin, EventSelector<T, TKey> key, EventSelector<T, TValue> value)
    : Stage<T>
    where T : allows ref struct
    where TKey : unmanaged
    where TValue : unmanaged
{
    public override void Push(scoped in T item, scoped in QueueMessage message)
    {
        TKey itsKey = key(in item);
        TValue itsValue = value(in item);
        origin.Mark(message.Position);
        origin.Put(in itsKey, in itsValue);
    }
}

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
