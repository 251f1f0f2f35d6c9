using Estream.Streams.Operators.Keyed;

namespace Estream.Streams;

/// <summary>Joins of two streams.</summary>
public static class EsfStreamJoins
{
    /// <summary>Joins two streams by key and time: each left event with each right event of the same key whose time is close
    /// enough.</summary>
    /// <param name="left">The left events: small values, as <see cref="EsfStream{T}.Select{TResult}"/> returns them, because they are
    /// stored while they wait.</param>
    /// <param name="right">The right events, of another queue or the same queue.</param>
    /// <param name="within">The maximum difference between the times of a left and a right event, inclusive.</param>
    /// <param name="leftTime">Returns the time of a left event, in nanoseconds since 1970 UTC.</param>
    /// <param name="rightTime">Returns the time of a right event, in nanoseconds since 1970 UTC.</param>
    /// <param name="watermark">How far events may be out of order: the watermark follows the slower side.</param>
    /// <typeparam name="TLeft">The left events.</typeparam>
    /// <typeparam name="TRight">The right events.</typeparam>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="within"/> is negative or above 36 years.</exception>
    /// <exception cref="InvalidOperationException">A stream includes a map lookup, which may return another value when it is
    /// repeated.</exception>
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
