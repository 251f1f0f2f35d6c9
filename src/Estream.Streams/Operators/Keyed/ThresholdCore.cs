using System.Diagnostics;
using Estream.Map;

namespace Estream.Streams.Operators.Keyed;

/// <summary>Which keys are raised. Those that are not have no entry.</summary>
/// <param name="settings">What all are told.</param>
/// <param name="map">Where they are kept.</param>
/// <param name="output">Where crossings go.</param>
/// <param name="holdNanos">For how long a value has to be beyond the threshold.</param>
internal sealed class ThresholdCore<TKey, TValue>(KeyedSettings settings, StateMap<long, Windowed<TKey, ThresholdState>> map,
    Output<Crossing<TKey, TValue>> output, long holdNanos)
    : KeyedCore<TKey, ThresholdState, Crossing<TKey, TValue>>(settings, map, output)
    where TKey : unmanaged
    where TValue : unmanaged
{
    private const int None = KeyedStore<TKey, ThresholdState>.None;

    // No watermark comes so far, and none is moved here.
    private const long Never = long.MaxValue;

    /// <summary>Takes where the value of a key is now.</summary>
    /// <returns>Whether that crosses the threshold.</returns>
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

        // Cleared; or it was not beyond the threshold for long enough.
        bool wasRaised = Store[slot].Held.IsRaised;
        Store.Remove(slot);
        return wasRaised;
    }

    protected override void OnDue(int slot, ref Windowed<TKey, ThresholdState> entry) =>
        throw new UnreachableException("Nothing of a threshold is due by time.");

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
