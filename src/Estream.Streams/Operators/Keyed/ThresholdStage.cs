using Estream.Queue;

namespace Estream.Streams.Operators.Keyed;

/// <summary>Holds the value of each event against a threshold, and makes a result of the events that cross it.</summary>
/// <param name="core">Which keys are raised.</param>
/// <param name="threshold">The threshold.</param>
/// <param name="watched">The value of an event.</param>
/// <param name="time">Its time; null where none is asked for.</param>
/// <param name="key">Its key.</param>
/// <param name="kept">What of it the result has.</param>
internal sealed class ThresholdStage<T, TKey, TValue>(
    ThresholdCore<TKey, TValue> core, Threshold threshold, EventSelector<T, double> watched, EventSelector<T, long>? time,
    EventSelector<T, TKey> key, EventSelector<T, TValue> kept) : Stage<T>
    where T : allows ref struct
    where TKey : unmanaged
    where TValue : unmanaged
{
    public override void Push(scoped in T item, scoped in QueueMessage message)
    {
        if (!core.TryBeginEvent(in message))
        {
            return;
        }

        double value = watched(in item);
        ThresholdZone zone = threshold.ZoneOf(value);
        if (zone == ThresholdZone.Unknown)
        {
            core.NoteTaken();
            return;
        }

        long at = time is null ? 0 : EventTime.Require(time(in item), message.Position);
        TKey itsKey = key(in item);
        if (core.TryCross(in itsKey, zone, at))
        {
            var crossing = new Crossing<TKey, TValue>(itsKey, zone == ThresholdZone.Raising, value, kept(in item));
            core.Push(in crossing);
        }

        core.NoteTaken();
        core.EndEvent();
    }
}
