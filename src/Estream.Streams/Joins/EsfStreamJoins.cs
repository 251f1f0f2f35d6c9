using Estream.Streams.Operators.Keyed;

namespace Estream.Streams;

/// <summary>Joins of two streams.</summary>
public static class EsfStreamJoins
{
    /// <summary>Joins two streams by key and time: each left event with each right one of the same key that is at most so far from
    /// it.</summary>
    /// <param name="left">The left events: small values, as <see cref="EsfStream{T}.Select{TResult}"/> makes them, since they wait for
    /// others.</param>
    /// <param name="right">The right events, of another queue or the same.</param>
    /// <param name="within">How far their times may be apart, that distance included.</param>
    /// <param name="leftTime">The time of a left event, in nanoseconds since 1970 UTC.</param>
    /// <param name="rightTime">The time of a right event.</param>
    /// <param name="watermark">How far events may be out of order: the watermark follows the side that is behind.</param>
    /// <typeparam name="TLeft">The left events.</typeparam>
    /// <typeparam name="TRight">The right events.</typeparam>
    /// <exception cref="ArgumentOutOfRangeException">The distance is negative, or above 36 years.</exception>
    /// <exception cref="InvalidOperationException">A map was looked at before, which need not say the same a second time.</exception>
    public static EsfJoin<TLeft, TRight> Join<TLeft, TRight>(
        this EsfStream<TLeft> left, EsfStream<TRight> right, TimeSpan within, EventSelector<TLeft, long> leftTime,
        EventSelector<TRight, long> rightTime, Watermark watermark)
        where TLeft : unmanaged
        where TRight : unmanaged
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        ArgumentNullException.ThrowIfNull(leftTime);
        ArgumentNullException.ThrowIfNull(rightTime);
        long nanos = EventTime.NanosOrNone(within, nameof(within));
        left.RequireRepeatable();
        right.RequireRepeatable();
        return new EsfJoin<TLeft, TRight>(left, right, nanos, new WindowPlan<TLeft>(leftTime, watermark.DelayNanos),
            new WindowPlan<TRight>(rightTime, watermark.DelayNanos));
    }
}
