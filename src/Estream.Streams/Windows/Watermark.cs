namespace Estream.Streams;

/// <summary>
/// How far time has come in a stream whose events are not quite in order: the time up to which no more events are waited for. A function of
/// the events alone, and never of a clock, so a second run over the same events makes the same of them.
/// </summary>
public readonly record struct Watermark
{
    private Watermark(long delay)
    {
        DelayNanos = delay;
    }

    /// <summary>How far the watermark is behind the newest event, in nanoseconds.</summary>
    public long DelayNanos { get; }

    /// <summary>The time of the newest event less a delay: events may be that much out of order and none is late.</summary>
    /// <param name="delay">The delay.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, or above 36 years.</exception>
    public static Watermark BoundedOutOfOrderness(TimeSpan delay) => new(EventTime.NanosOrNone(delay, nameof(delay)));

    /// <summary>The time of the newest event: for events that are in order.</summary>
    public static Watermark Monotonous() => default;
}
