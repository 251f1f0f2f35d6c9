namespace Estream.Streams.Operators.Keyed;

/// <summary>Folds the events of each session. An event between two sessions joins them.</summary>
internal sealed class SessionStage<T, TKey, TState>(
    AggregateCore<TKey, TState> core, long gap, WindowPlan<T> plan, EventSelector<T, TKey> key, Output<T>? late,
    EventFolder<TState, T> fold, StateMerger<TState> merge)
    : EventStage<T, TKey, TState, WindowResult<TKey, TState>>(core, plan, key, late)
    where T : allows ref struct
    where TKey : unmanaged
    where TState : unmanaged
{
    private const int None = KeyedStore<TKey, TState>.None;

    protected override bool TryTake(scoped in T item, in TKey itsKey, long time)
    {
        KeyedStore<TKey, TState> store = core.Store;
        int newer = None;
        int slot = store.NewestOf(in itsKey);
        for (; slot != None && store[slot].From > time + gap; slot = store.OlderThan(slot))
        {
            newer = slot;
        }

        // Only an event that starts a session can be late: a stored session still accepts events.
        if (slot == None || store[slot].To < time)
        {
            if (core.IsOver(time + gap))
            {
                return false;
            }

            slot = store.Insert(in itsKey, time, time + gap, core.DueAt(time + gap), newer, core.Progress);
            fold(ref store[slot].Held, in item);
            return true;
        }

        Extend(slot, in item, time);
        return true;
    }

    // Sessions of a key are more than a gap apart, so an event touches at most two.
    private void Extend(int slot, scoped in T item, long time)
    {
        KeyedStore<TKey, TState> store = core.Store;
        int older = store.OlderThan(slot);
        bool joins = older != None && store[older].To >= time;
        int session = joins ? older : slot;
        ref Windowed<TKey, TState> entry = ref store[session];
        Windowed<TKey, TState> former = entry;
        Windowed<TKey, TState> later = store[slot];
        if (joins)
        {
            merge(ref entry.Held, in later.Held);
            entry.Fired = Math.Max(entry.Fired, later.Fired);
            store.Remove(slot);
        }

        fold(ref entry.Held, in item);
        entry.From = Math.Min(entry.From, time);
        entry.To = Math.Max(joins ? later.To : entry.To, time + gap);
        store.Touch(session);
        store.SetDue(session, core.DueAt(entry.To));
        core.SupersedeResult(in former, in entry);
        if (joins)
        {
            core.SupersedeResult(in later, in entry);
        }
    }
}
