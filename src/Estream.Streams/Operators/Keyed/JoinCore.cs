using Estream.Map;

namespace Estream.Streams.Operators.Keyed;

/// <summary>
/// Holds the events of two sides that wait for each other until the watermark shows that no more matching events can arrive. Two events
/// that match and are not late are always joined. The first event stays until the watermark is past its time by more than the maximum
/// distance; a matching event that arrives later is late.
/// </summary>
/// <param name="settings">The settings of the operator.</param>
/// <param name="map">The map of the waiting events.</param>
/// <param name="output">The output of the pairs.</param>
/// <param name="within">The maximum distance of two events of a pair.</param>
/// <param name="isOuter">True if an unmatched left event also yields a result.</param>
internal sealed class JoinCore<TKey, TLeft, TRight>(
    KeyedSettings settings, StateMap<long, Windowed<TKey, Joined<TLeft, TRight>>> map, Output<JoinResult<TLeft, TRight>> output,
    long within, bool isOuter)
    : KeyedCore<TKey, Joined<TLeft, TRight>, JoinResult<TLeft, TRight>>(settings, map, output)
    where TKey : unmanaged
    where TLeft : unmanaged
    where TRight : unmanaged
{
    private const int None = KeyedStore<TKey, Joined<TLeft, TRight>>.None;

    private readonly long _delay = settings.Delay;

    /// <summary>Joins an event with waiting events, and stores the event to wait for later ones.</summary>
    /// <returns>False for a late event.</returns>
    public bool TryTake(in TKey key, long time, in Joined<TLeft, TRight> taken)
    {
        if (time < Clock.Watermark)
        {
            return false;
        }

        int newer = None;
        for (int slot = Store.NewestOf(in key); slot != None && Store[slot].From >= time - within; slot = Store.OlderThan(slot))
        {
            newer = Store[slot].From > time ? slot : newer;
            if (Store[slot].From <= time + within && Store[slot].Held.Side != taken.Side)
            {
                PushPair(in taken, in Store[slot].Held);
            }
        }

        // In an outer join, a right event outlasts every left event it matches, so that a left event still finds its matches when it is
        // due.
        long due = taken.Side == 0 || !isOuter ? time + within + 1 : time + (2 * within) + 2;
        int place = Store.Insert(in key, time, time, due, newer, Progress);
        Store[place].Held = taken;
        return true;
    }

    /// <summary>Advances the watermark with an event.</summary>
    public void Advance(long side, long time)
    {
        ref long newest = ref Progress[side == 0 ? ProgressKey.Newest : ProgressKey.RightNewest];
        newest = Math.Max(newest, time);
        long slowest = Math.Min(Progress[ProgressKey.Newest], Progress[ProgressKey.RightNewest]);
        if (slowest != EventTime.None)
        {
            ref long watermark = ref Progress[ProgressKey.Watermark];
            watermark = Math.Max(watermark, slowest - _delay);
        }
    }

    protected override void OnDue(int slot, ref Windowed<TKey, Joined<TLeft, TRight>> entry)
    {
        if (isOuter && entry.Held.Side == 0 && !IsPaired(in entry))
        {
            Push(new JoinResult<TLeft, TRight>(entry.Held.FromLeft, default, HasRight: false));
        }

        Store.Remove(slot);
    }

    private bool IsPaired(in Windowed<TKey, Joined<TLeft, TRight>> left)
    {
        for (int slot = Store.NewestOf(in left.Of); slot != None && Store[slot].From >= left.From - within; slot = Store.OlderThan(slot))
        {
            if (Store[slot].Held.Side != 0 && Store[slot].From <= left.From + within)
            {
                return true;
            }
        }

        return false;
    }

    private void PushPair(in Joined<TLeft, TRight> one, in Joined<TLeft, TRight> other)
    {
        JoinResult<TLeft, TRight> pair = one.Side == 0
            ? new(one.FromLeft, other.FromRight, HasRight: true)
            : new(other.FromLeft, one.FromRight, HasRight: true);
        Push(in pair);
    }
}
