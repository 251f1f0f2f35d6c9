using Estream.Map;

namespace Estream.Streams.Operators.Keyed;

/// <summary>Intervals in which so many events of a key pass at once, and perhaps one more when the interval is over.</summary>
internal sealed class ThrottleCore<TKey, TValue>(KeyedSettings settings, StateMap<long, Windowed<TKey, Throttled<TValue>>> map, Output<TValue> output)
    : KeyedCore<TKey, Throttled<TValue>, TValue>(settings, map, output)
    where TKey : unmanaged
    where TValue : unmanaged
{
    protected override void OnDue(int slot, ref Windowed<TKey, Throttled<TValue>> entry)
    {
        if (entry.Held.IsHolding != 0)
        {
            Push(in entry.Held.Newest);
        }

        Store.Remove(slot);
    }
}
