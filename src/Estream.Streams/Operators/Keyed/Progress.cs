namespace Estream.Streams.Operators.Keyed;

/// <summary>The progress of a stateful pipeline, which must change in one step with its windows: numbers, in the order in which the map
/// stores them.</summary>
internal sealed class Progress
{
    private readonly long[] _words = new long[(int)ProgressKey.Count];

    public Span<long> Words => _words;

    public ref long this[ProgressKey word] => ref _words[(int)word];

    /// <summary>Resets to the progress before the first event.</summary>
    public void Clear(long origin)
    {
        Array.Clear(_words);
        this[ProgressKey.Origin] = origin;
        this[ProgressKey.Position] = -1;
        this[ProgressKey.RightPosition] = -1;
        this[ProgressKey.Newest] = EventTime.None;
        this[ProgressKey.RightNewest] = EventTime.None;
        this[ProgressKey.Watermark] = EventTime.None;
    }
}

/// <summary>The words of the progress. Never reorder them: they are stored in state maps.</summary>
internal enum ProgressKey
{
    /// <summary>Identifies the pipeline and its layout; never 0.</summary>
    Origin,

    /// <summary>The position at which the pipeline resumes in its queue; -1 for the oldest message.</summary>
    Position,

    /// <summary>The number of results written.</summary>
    Written,

    /// <summary>The number of late events written to their queue.</summary>
    LateWritten,

    /// <summary>The number of late events.</summary>
    Late,

    /// <summary>The number of events that a throttle dropped.</summary>
    Dropped,

    /// <summary>The time of the newest event.</summary>
    Newest,
    Watermark,

    /// <summary>The number of entries created.</summary>
    Numbers,

    /// <summary>The position at which a join resumes in its right queue.</summary>
    RightPosition,
    RightNewest,
    RightLateWritten,

    /// <summary>The side that the join reads from the stored position on: 0 for left, 1 for right.</summary>
    Side,

    /// <summary>The time up to which windows were closed, with the sign bit inverted, so that 0 is before any event.</summary>
    GivenUp,

    /// <summary>The number of results that could not be created and were skipped.</summary>
    LeftOut,

    /// <summary>The number of skipped results published, if they are published.</summary>
    LeftOutTold,

    /// <summary>How many events of the message at the stored position were already processed; a message has one event per route to
    /// the operator.</summary>
    EventsTaken,
    Unused4,
    Unused5,
    Unused6,
    Count,
}
