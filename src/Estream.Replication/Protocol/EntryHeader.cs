using Estream.Queue.Internal;

namespace Estream.Replication.Internal;

/// <summary>The fields of an entry.</summary>
internal readonly record struct EntryHeader
{
    public EntryKind Kind { get; init; }

    /// <summary>The owner that wrote the entry: a random number for each start of a publisher.</summary>
    public long Owner { get; init; }

    /// <summary>The epoch of the owner.</summary>
    public long Epoch { get; init; }

    /// <summary>The position of the first frame, or the position at which the epoch begins.</summary>
    public long Position { get; init; }

    public long FirstSequence { get; init; }

    /// <summary>The number of messages.</summary>
    public int Count { get; init; }

    /// <summary>The length of the frames.</summary>
    public int Bytes { get; init; }

    /// <summary>The time of the newest message in nanoseconds since 1970 UTC.</summary>
    public long NewestTime { get; init; }

    /// <summary>The segment that contains the frames; its queue id is that of the entry.</summary>
    public SegmentHeader Segment { get; init; }

    /// <summary>Whether the last frame ends its segment.</summary>
    public bool IsSealed { get; init; }

    /// <summary>Of an epoch entry: whether its owner has read that the epoch began.</summary>
    public bool IsCheckpoint { get; init; }

    /// <summary>Of an epoch entry: whether the epoch begins at a position that the accepted frames do not reach.</summary>
    public bool IsRestart { get; init; }

    /// <summary>Whether the queue begins with small segments.</summary>
    public bool HasSmallStart { get; init; }

    /// <summary>Of a restart: the position after the accepted frames, as its owner knows it.</summary>
    public long KnownPosition => Segment.BaseTime;

    /// <summary>Of an epoch entry: what its owner retains. <see cref="RetentionLimits.Before"/> is its oldest position; 0 if the owner has
    /// an earlier release.</summary>
    public RetentionLimits Limits => new(Segment.FirstSequence, NewestTime) { Before = FirstSequence };

    /// <summary>The position after the last frame: the start of the next segment if the frames end their segment.</summary>
    public long End => IsSealed
        ? ((Segment.Index + 1) * Segment.SegmentBytes) + SegmentLayout.HeaderBytes
        : Position + Bytes;
}
