using Estream.Queue;

namespace Estream.Streams.Operators;

/// <summary>Keeps the newest value of each key. Doing it twice is doing it once, which is what happens to the last event before a
/// kill.</summary>
internal sealed class PutStage<T, TKey, TValue>(MapOrigin<TKey, TValue> origin, EventSelector<T, TKey> key, EventSelector<T, TValue> value) : Stage<T>
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
