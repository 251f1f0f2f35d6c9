namespace Estream.Streams;

/// <summary>
/// Measures the progress of time in a stream whose events may be out of order: events up to the watermark are no longer expected. It
/// depends on the events alone, never on a clock, so a second run over the same events yields the same results.
/// </summary>
public readonly record struct Watermark
{
    private Watermark(long delay)
    {
        DelayNanos = delay;
    }

    /// <summary>How far the watermark is behind the newest event, in nanoseconds.</summary>
    public long DelayNanos { get; }

    /// <summary>Returns a watermark at the time of the newest event minus a delay: events may be out of order by up to the delay without
    /// being late.</summary>
    /// <param name="delay">The delay.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delay"/> is negative or above 36 years.</exception>
    public static Watermark BoundedOutOfOrderness(TimeSpan delay) => new(EventTime.NanosOrNone(delay, nameof(delay)));

    /// <summary>Returns a watermark at the time of the newest event, for events that are in order.</summary>
    public static Watermark Monotonous() => default;
}
