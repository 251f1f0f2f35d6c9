using Estream.Queue;

namespace Estream.Streams.Operators;

/// <summary>Folds the events of each key into a state. The state says which event it has last, in the same step in which it takes it: so
/// each counts once.</summary>
internal sealed class FoldStage<T, TKey, TState>(MapOrigin<TKey, Folded<TState>> origin, EventSelector<T, TKey> key, EventFolder<TState, T> fold) : Stage<T>
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
