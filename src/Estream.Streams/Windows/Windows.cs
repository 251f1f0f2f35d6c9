namespace Estream.Streams;

/// <summary>The kinds of windows that events are assigned to by event time; see
/// <see cref="EsfStream{T}.Window(TimeWindows, EventSelector{T, long}, Watermark)"/>.</summary>
public static class Windows
{
    /// <summary>Returns consecutive windows of equal length: each event is in exactly one. They start at multiples of their length since
    /// 1970 UTC.</summary>
    /// <param name="size">The length of a window.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is not above zero, or is above 36 years.</exception>
    public static TimeWindows Tumbling(TimeSpan size) => Sliding(size, size);

    /// <summary>Returns windows of equal length that start at regular intervals (hopping windows): each event is in size / advance of them.
    /// They start at multiples of the advance since 1970 UTC.</summary>
    /// <param name="size">The length of a window.</param>
    /// <param name="advance">The time from the start of a window to the start of the next.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size or the advance is not above zero, the size is above 36 years, the advance is
    /// longer than the size, or more than <see cref="TimeWindows.MostOverlapping"/> windows overlap.</exception>
    public static TimeWindows Sliding(TimeSpan size, TimeSpan advance)
    {
        long sizeNanos = EventTime.Nanos(size, nameof(size));
        long advanceNanos = EventTime.Nanos(advance, nameof(advance));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(advanceNanos, sizeNanos, nameof(advance));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((sizeNanos + advanceNanos - 1) / advanceNanos, TimeWindows.MostOverlapping,
            nameof(advance));
        return new TimeWindows(sizeNanos, advanceNanos);
    }

    /// <summary>Returns windows of activity: events of a key, each at most a gap apart from the next. An event may join two sessions into
    /// one. A session ends one gap after its last event, and yields its result when the watermark is past that end: an event exactly at the
    /// end belongs to the session.</summary>
    /// <param name="gap">The length of inactivity that ends a session.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="gap"/> is not above zero, or is above 36 years.</exception>
    public static SessionWindows Session(TimeSpan gap) => new(EventTime.Nanos(gap, nameof(gap)));
}

/// <summary>Tumbling or sliding windows; see <see cref="Windows"/>.</summary>
public readonly record struct TimeWindows
{
    /// <summary>The maximum number of windows an event may be in.</summary>
    public const int MostOverlapping = 256;

    internal TimeWindows(long size, long advance)
    {
        SizeNanos = size;
        AdvanceNanos = advance;
    }

    /// <summary>The length of a window, in nanoseconds.</summary>
    public long SizeNanos { get; }

    /// <summary>The time from the start of a window to the start of the next, in nanoseconds.</summary>
    public long AdvanceNanos { get; }

    /// <summary>The maximum number of windows an event is in.</summary>
    internal int Overlapping => (int)((SizeNanos + AdvanceNanos - 1) / AdvanceNanos);
}

/// <summary>Session windows; see <see cref="Windows.Session"/>.</summary>
public readonly record struct SessionWindows
{
    internal SessionWindows(long gap)
    {
        GapNanos = gap;
    }

    /// <summary>The length of inactivity that ends a session, in nanoseconds.</summary>
    public long GapNanos { get; }
}
