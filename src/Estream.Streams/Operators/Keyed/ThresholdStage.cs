using Estream.Queue;

namespace Estream.Streams.Operators.Keyed;

/// <summary>Compares the value of each event with a threshold, and yields a result for each crossing.</summary>
/// <param name="core">The raised keys.</param>
/// <param name="threshold">The threshold.</param>
/// <param name="watched">Returns the value of an event.</param>
/// <param name="time">Returns the time of an event; null if times are not used.</param>
/// <param name="key">Returns the key of an event.</param>
/// <param name="kept">Returns the part of an event that the result contains.</param>
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
