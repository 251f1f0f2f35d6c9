using Estream.Queue;

namespace Estream.Streams.Operators.Keyed;

/// <summary>Adds events to the windows of their keys, and advances the watermark with them.</summary>
internal abstract class EventStage<T, TKey, TCell, TResult>(KeyedCore<TKey, TCell, TResult> core, WindowPlan<T> plan,
    EventSelector<T, TKey> key, Output<T>? late) : Stage<T>
    where T : allows ref struct
    where TKey : unmanaged
    where TCell : unmanaged
{
    protected KeyedCore<TKey, TCell, TResult> Core => core;

    public override void Push(scoped in T item, scoped in QueueMessage message)
    {
        if (!core.TryBeginEvent(in message))
        {
            return;
        }

        long time = EventTime.Require(plan.Time(in item), message.Position);
        TKey itsKey = key(in item);
        if (!TryTake(in item, in itsKey, time))
        {
            core.Progress[ProgressKey.Late]++;
            if (late is not null && late.Push(in item))
            {
                core.Progress[ProgressKey.LateWritten] += late.IsCounted ? 1 : 0;
            }
        }

        core.Clock.Advance(plan.Source is null ? 0 : plan.Source(in item), time);
        core.NoteTaken();
        core.FireDue();
        core.EndEvent();
    }

    /// <summary>Adds an event to its windows.</summary>
    /// <returns>True if at least one of the windows is still open.</returns>
    protected abstract bool TryTake(scoped in T item, in TKey itsKey, long time);
}
