namespace Estream.Streams;

/// <summary>The kinds of windows that events are put in by their time; see
/// <see cref="EsfStream{T}.Window(TimeWindows, EventSelector{T, long}, Watermark)"/>.</summary>
public static class Windows
{
    /// <summary>Windows of equal length, one behind the other: each event is in one. They begin at multiples of their length since 1970
    /// UTC.</summary>
    /// <param name="size">Their length.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not above zero, or above 36 years.</exception>
    public static TimeWindows Tumbling(TimeSpan size) => Sliding(size, size);

    /// <summary>Windows of equal length of which one begins every so often (hopping windows): each event is in size / advance of them. They
    /// begin at multiples of the advance since 1970 UTC.</summary>
    /// <param name="size">Their length.</param>
    /// <param name="advance">From the beginning of one to that of the next.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is not above zero, the size is above 36 years, the advance is longer than the
    /// size, or more than <see cref="TimeWindows.MostOverlapping"/> windows overlap.</exception>
    public static TimeWindows Sliding(TimeSpan size, TimeSpan advance)
    {
        long sizeNanos = EventTime.Nanos(size, nameof(size));
        long advanceNanos = EventTime.Nanos(advance, nameof(advance));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(advanceNanos, sizeNanos, nameof(advance));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((sizeNanos + advanceNanos - 1) / advanceNanos, TimeWindows.MostOverlapping,
            nameof(advance));
        return new TimeWindows(sizeNanos, advanceNanos);
    }

    /// <summary>Windows of activity: events of a key of which each is at most a gap from the next one. An event may join two sessions into
    /// one. A session ends a gap behind its last event, and has its result when the watermark is past that: an event exactly there belongs
    /// to it.</summary>
    /// <param name="gap">How long nothing happens behind a session.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not above zero, or above 36 years.</exception>
    public static SessionWindows Session(TimeSpan gap) => new(EventTime.Nanos(gap, nameof(gap)));
}

/// <summary>Tumbling or sliding windows; see <see cref="Windows"/>.</summary>
public readonly record struct TimeWindows
{
    /// <summary>An event is in at most so many windows.</summary>
    public const int MostOverlapping = 256;

    internal TimeWindows(long size, long advance)
    {
        SizeNanos = size;
        AdvanceNanos = advance;
    }

    /// <summary>Their length, in nanoseconds.</summary>
    public long SizeNanos { get; }

    /// <summary>From the beginning of one to that of the next, in nanoseconds.</summary>
    public long AdvanceNanos { get; }

    /// <summary>How many windows an event is in at most.</summary>
    internal int Overlapping => (int)((SizeNanos + AdvanceNanos - 1) / AdvanceNanos);
}

/// <summary>Session windows; see <see cref="Windows.Session"/>.</summary>
public readonly record struct SessionWindows
{
    internal SessionWindows(long gap)
    {
        GapNanos = gap;
    }

    /// <summary>How long nothing happens behind a session, in nanoseconds.</summary>
    public long GapNanos { get; }
}
