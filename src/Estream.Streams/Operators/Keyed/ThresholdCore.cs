using System.Diagnostics;
using Estream.Map;

namespace Estream.Streams.Operators.Keyed;

/// <summary>Stores the keys that are raised, or whose value is beyond the threshold but not yet for long enough. Other keys have no
/// entry.</summary>
/// <param name="settings">The settings of the operator.</param>
/// <param name="map">The map of the raised keys.</param>
/// <param name="output">The output of the crossings.</param>
/// <param name="holdNanos">How long a value must be beyond the threshold.</param>
internal sealed class ThresholdCore<TKey, TValue>(KeyedSettings settings, StateMap<long, Windowed<TKey, ThresholdState>> map,
    Output<Crossing<TKey, TValue>> output, long holdNanos)
    : KeyedCore<TKey, ThresholdState, Crossing<TKey, TValue>>(settings, map, output)
    where TKey : unmanaged
    where TValue : unmanaged
{
    private const int None = KeyedStore<TKey, ThresholdState>.None;

    // No watermark reaches this time, and thresholds do not advance the watermark.
    private const long Never = long.MaxValue;

    /// <summary>Updates a key with the zone of its current value.</summary>
    /// <returns>True if the value crosses the threshold.</returns>
    public bool TryCross(in TKey key, ThresholdZone zone, long time)
    {
        int slot = Store.NewestOf(in key);
        if (zone == ThresholdZone.Raising)
        {
            return TryRaise(in key, slot, time);
        }

        if (slot == None || (zone == ThresholdZone.Between && Store[slot].Held.IsRaised))
        {
            return false;
        }

        // The value clears the key, or went back before it was beyond the threshold for long enough.
        bool wasRaised = Store[slot].Held.IsRaised;
        Store.Remove(slot);
        return wasRaised;
    }

    protected override void OnDue(int slot, ref Windowed<TKey, ThresholdState> entry) =>
        throw new UnreachableException("Entries of a threshold are never due by time.");

    private bool TryRaise(in TKey key, int slot, long time)
    {
        if (slot == None)
        {
            slot = Store.Insert(in key, time, time, Never, None, Progress);
            Store[slot].Held.Since = time;
        }

        ref ThresholdState state = ref Store[slot].Held;
        if (state.IsRaised || time - state.Since < holdNanos)
        {
            return false;
        }

        state.Raised = 1;
        Store.Touch(slot);
        return true;
    }
}
