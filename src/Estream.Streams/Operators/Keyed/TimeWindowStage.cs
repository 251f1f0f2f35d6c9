namespace Estream.Streams.Operators.Keyed;

/// <summary>Assigns events to windows of fixed length at fixed times.</summary>
internal abstract class TimeWindowStage<T, TKey, TCell, TResult>(
    KeyedCore<TKey, TCell, TResult> core, TimeWindows windows, WindowPlan<T> plan, EventSelector<T, TKey> key, Output<T>? late)
        : EventStage<T, TKey, TCell, TResult>(core, plan, key, late)
    where T : allows ref struct
    where TKey : unmanaged
    where TCell : unmanaged
{
    protected override bool TryTake(scoped in T item, in TKey itsKey, long time)
    {
        // The windows of the event and the windows of the key are both sorted, newest first.
        long first = Floor(time, windows.AdvanceNanos);
        int newer = KeyedStore<TKey, TCell>.None;
        int slot = Core.Store.NewestOf(in itsKey);
        bool isTaken = false;
        for (long start = first; start > time - windows.SizeNanos && !IsOver(start + windows.SizeNanos); start -= windows.AdvanceNanos)
        {
            while (slot != KeyedStore<TKey, TCell>.None && Core.Store[slot].From > start)
            {
                (newer, slot) = (slot, Core.Store.OlderThan(slot));
            }

            if (slot == KeyedStore<TKey, TCell>.None || Core.Store[slot].From != start)
            {
                long end = start + windows.SizeNanos;
                slot = Core.Store.Insert(in itsKey, start, end, end, newer, Core.Progress);
            }

            Take(slot, in item, time);
            (newer, slot) = (slot, Core.Store.OlderThan(slot));
            isTaken = true;
        }

        return isTaken;
    }

    /// <summary>Returns true if a window is closed: it accepts no more events.</summary>
    protected abstract bool IsOver(long end);

    /// <summary>Adds an event to a window.</summary>
    protected abstract void Take(int slot, scoped in T item, long time);

    private static long Floor(long time, long step)
    {
        long over = time % step;
        return time - (over < 0 ? over + step : over);
    }
}

/// <summary>Folds the events of each window.</summary>
internal sealed class AggregateStage<T, TKey, TState>(
    AggregateCore<TKey, TState> core, TimeWindows windows, WindowPlan<T> plan, EventSelector<T, TKey> key, Output<T>? late,
    EventFolder<TState, T> fold)
    : TimeWindowStage<T, TKey, TState, WindowResult<TKey, TState>>(core, windows, plan, key, late)
    where T : allows ref struct
    where TKey : unmanaged
    where TState : unmanaged
{
    protected override bool IsOver(long end) => core.IsOver(end);

    protected override void Take(int slot, scoped in T item, long time)
    {
        ref Windowed<TKey, TState> entry = ref Core.Store[slot];
        fold(ref entry.Held, in item);

        // If the window has had its result, this immediately yields the next revision.
        Core.Store.SetDue(slot, entry.To);
        Core.Store.Touch(slot);
    }
}

/// <summary>Passes a limited number of events of each key per interval.</summary>
internal sealed class ThrottleStage<T, TKey, TValue>(
    ThrottleCore<TKey, TValue> core, TimeWindows interval, WindowPlan<T> plan, EventSelector<T, TKey> key, Output<T>? late,
    EventSelector<T, TValue> value, long most, Excess excess)
    : TimeWindowStage<T, TKey, Throttled<TValue>, TValue>(core, interval, plan, key, late)
    where T : allows ref struct
    where TKey : unmanaged
    where TValue : unmanaged
{
    // With KeepNewest, the newest of the excess events passes when the interval is over.
    private readonly long _atOnce = excess == Excess.KeepNewest ? most - 1 : most;

    protected override bool IsOver(long end) => end <= Core.Clock.Watermark;

    protected override void Take(int slot, scoped in T item, long time)
    {
        ref Throttled<TValue> state = ref Core.Store[slot].Held;
        if (state.Passed < _atOnce)
        {
            state.Passed++;
            Core.Store.Touch(slot);
            TValue passing = value(in item);
            Core.Push(in passing);
            return;
        }

        if (excess == Excess.KeepNewest && (state.IsHolding == 0 || time >= state.HeldTime))
        {
            Core.Progress[ProgressKey.Dropped] += state.IsHolding;
            (state.IsHolding, state.HeldTime, state.Newest) = (1, time, value(in item));
            Core.Store.Touch(slot);
            return;
        }

        Core.Progress[ProgressKey.Dropped]++;
    }
}
