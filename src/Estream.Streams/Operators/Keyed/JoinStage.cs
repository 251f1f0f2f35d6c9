using Estream.Queue;

namespace Estream.Streams.Operators.Keyed;

/// <summary>Passes the events of one side to a join.</summary>
internal sealed class JoinStage<T, TKey, TLeft, TRight>(JoinCore<TKey, TLeft, TRight> core, WindowPlan<T> plan, EventSelector<T, TKey> key,
    JoinSide<T, TLeft, TRight> side) : Stage<T>
    where T : unmanaged
    where TKey : unmanaged
    where TLeft : unmanaged
    where TRight : unmanaged
{
    public override void Push(scoped in T item, scoped in QueueMessage message)
    {
        if (!core.TryBeginEvent(in message))
        {
            return;
        }

        long time = EventTime.Require(plan.Time(in item), message.Position);
        TKey itsKey = key(in item);
        Joined<TLeft, TRight> taken = side.Of(in item);
        if (!core.TryTake(in itsKey, time, in taken))
        {
            core.Progress[ProgressKey.Late]++;
            if (side.Late is not null && side.Late.Push(in item))
            {
                core.Progress[side.LateWritten]++;
            }
        }

        core.Advance(taken.Side, time);
        core.NoteTaken();
        core.FireDue();
        core.EndEvent();
    }
}

/// <summary>Describes a side of a join.</summary>
internal abstract class JoinSide<T, TLeft, TRight>(Output<T>? late, ProgressKey lateMade)
    where TLeft : unmanaged
    where TRight : unmanaged
{
    public Output<T>? Late => late;

    public ProgressKey LateWritten => lateMade;

    /// <summary>Returns an event in the form in which it waits.</summary>
    public abstract Joined<TLeft, TRight> Of(in T item);
}

internal sealed class LeftSide<TLeft, TRight>(Output<TLeft>? late) : JoinSide<TLeft, TLeft, TRight>(late, ProgressKey.LateWritten)
    where TLeft : unmanaged
    where TRight : unmanaged
{
    public override Joined<TLeft, TRight> Of(in TLeft item) => new() { FromLeft = item };
}

internal sealed class RightSide<TLeft, TRight>(Output<TRight>? late) : JoinSide<TRight, TLeft, TRight>(late, ProgressKey.RightLateWritten)
    where TLeft : unmanaged
    where TRight : unmanaged
{
    public override Joined<TLeft, TRight> Of(in TRight item) => new() { Side = 1, FromRight = item };
}
