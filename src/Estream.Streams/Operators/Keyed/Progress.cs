namespace Estream.Streams.Operators.Keyed;

/// <summary>How far a pipeline with a state is: what has to change in one step with its windows. Numbers, in the order in which they lie in
/// the map.</summary>
internal sealed class Progress
{
    private readonly long[] _words = new long[(int)ProgressKey.Count];

    public Span<long> Words => _words;

    public ref long this[ProgressKey word] => ref _words[(int)word];

    /// <summary>As it is before the first event.</summary>
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

/// <summary>What of it. Never reordered: state maps hold it.</summary>
internal enum ProgressKey
{
    /// <summary>Which pipeline, of which shape; never 0.</summary>
    Origin,

    /// <summary>Where it goes on in its queue; -1 for the oldest message.</summary>
    Position,

    /// <summary>Results made.</summary>
    Written,

    /// <summary>Late events written to their queue.</summary>
    LateWritten,

    /// <summary>Events that came too late.</summary>
    Late,

    /// <summary>Events that a throttle held back for good.</summary>
    Dropped,

    /// <summary>The time of the newest event.</summary>
    Newest,
    Watermark,

    /// <summary>Entries made.</summary>
    Numbers,

    /// <summary>Of the right side of a join.</summary>
    RightPosition,
    RightNewest,
    RightLateWritten,

    /// <summary>The side that is read from here on: 0 the left, 1 the right one.</summary>
    Side,

    /// <summary>How far windows were given up, with the sign turned over, so that 0 is before any event.</summary>
    GivenUp,

    /// <summary>Results that could not be made and were left out.</summary>
    LeftOut,

    /// <summary>What was told of those, where anything is.</summary>
    LeftOutTold,

    /// <summary>Events that are taken of the message at the position, which comes by several ways; 0 where all of those before it
    /// are.</summary>
    EventsTaken,
    Unused4,
    Unused5,
    Unused6,
    Count,
}
