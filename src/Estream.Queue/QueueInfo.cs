namespace Estream.Queue;

/// <summary>What is in a queue at a moment, and who uses it.</summary>
/// <param name="Directory">The queue's directory.</param>
/// <param name="SegmentBytes">Bytes of one segment.</param>
/// <param name="SegmentCount">Segments there are.</param>
/// <param name="FirstSequence">Sequence number of the oldest message kept.</param>
/// <param name="NextSequence">Sequence number the next message will have.</param>
/// <param name="FirstPosition">Position of the oldest message kept.</param>
/// <param name="EndPosition">Position behind the newest message.</param>
/// <param name="WriterProcessId">Process that holds the right to append alone, 0 when none does; a killed one stays named until the
/// next.</param>
/// <param name="Tailers">The named readers, where they go on, and who uses them.</param>
public sealed record QueueInfo(
    string Directory,
    long SegmentBytes,
    int SegmentCount,
    long FirstSequence,
    long NextSequence,
    long FirstPosition,
    long EndPosition,
    int WriterProcessId,
    IReadOnlyList<TailerInfo> Tailers)
{
    /// <summary>Messages kept, counted by their numbers: those that shared appenders left out are in it.</summary>
    public long MessageCount => NextSequence - FirstSequence;

    /// <summary>The appenders that live.</summary>
    public IReadOnlyList<AppenderInfo> Appenders { get; init; } = [];

    /// <summary>What is given up when, and what keeps it from being given up.</summary>
    public RetentionInfo Retention { get; init; } = new(0, TimeSpan.Zero, 0, []);

    /// <summary>How the queue is encrypted; <see langword="null"/> when it is in clear. Known without any key.</summary>
    public QueueEncryption? Encryption { get; init; }

    /// <summary>
    /// The processes that are in a segment now, with a name or without, also those that may not write; <see langword="null"/> where that
    /// was not asked for
    /// (<see cref="EstreamQueue.GetInfo(bool)"/>). A reader that waits behind the last message of a segment is in that one, and one that
    /// has not found any is in none.
    /// </summary>
    public IReadOnlyList<SegmentUser>? SegmentUsers { get; init; }

    /// <summary>
    /// Whether <see cref="SegmentUsers"/> are all whom this process may see: false where the system does not tell, or there was more than
    /// is looked at (1,024 segments, half of them at each end, 1,024 named tailers, and 100,000 locks). Processes of containers that this
    /// one cannot see are never among them.
    /// </summary>
    public bool AreSegmentUsersComplete { get; init; }
}

/// <summary>A process that is in a segment: it has locked that, which says where it stands, but not more exactly.</summary>
/// <param name="ProcessId">The process, as this one sees it.</param>
/// <param name="ProcessName">What the process calls itself, at most 15 characters; empty where the system does not say.</param>
/// <param name="FirstPosition">Where the segment's messages begin.</param>
/// <param name="EndPosition">Where they end: it stands between the two.</param>
public sealed record SegmentUser(int ProcessId, string ProcessName, long FirstPosition, long EndPosition)
{
    /// <summary>
    /// The named tailers of the process that go on in this segment. When there are none it reads there without a name, or appends, or has a
    /// name whose position is stored behind what was read: one that commits by the batches it appends to another queue.
    /// </summary>
    public IReadOnlyList<string> Tailers { get; init; } = [];

    /// <summary>Whether the process has an appender, which is in the last segment, or in one it was stopped in. It may read there
    /// too.</summary>
    public bool IsAppender { get; init; }
}

/// <summary>A named reader.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Position">Position of the next message it reads.</param>
public sealed record TailerInfo(string Name, long Position)
{
    /// <summary>Sequence number of the next message it reads, or <see langword="null"/> when its position cannot be looked at.</summary>
    public long? Sequence { get; init; }

    /// <summary>Messages it has not read, counted by their numbers, or <see langword="null"/> when its position cannot be looked
    /// at.</summary>
    public long? LagMessages { get; init; }

    /// <summary>Bytes of the log from its position to the end, with all headers and unused ends of segments.</summary>
    public long LagBytes { get; init; }

    /// <summary>Whether a tailer of this name exists now, in any process.</summary>
    public bool IsInUse => ProcessId != 0;

    /// <summary>The process it is in, as that process sees itself; 0 when there is none, -1 when it has not said which.</summary>
    public int ProcessId { get; init; }
}

/// <summary>An appender that lives.</summary>
/// <param name="ProcessId">Its process, as that process sees itself.</param>
/// <param name="Mode">Whether it is alone.</param>
public sealed record AppenderInfo(int ProcessId, AppenderMode Mode);

/// <summary>What a queue gives up when, as its last appender was told, and what keeps it from that.</summary>
/// <param name="RetainedBytes">As <see cref="QueueOptions.RetainedBytes"/>; 0 for no limit.</param>
/// <param name="RetainedAge">As <see cref="QueueOptions.RetainedAge"/>; zero for no limit.</param>
/// <param name="SegmentsBeyond">Segments that are beyond these limits and still there.</param>
/// <param name="HeldBy">
/// The named tailers that have not read the oldest of them to its end. When there are none, <see cref="IsStoodIn"/> says whether anybody
/// else is in it; if not, it goes with the next segment or the next look at ages.
/// </param>
public sealed record RetentionInfo(long RetainedBytes, TimeSpan RetainedAge, int SegmentsBeyond, IReadOnlyList<string> HeldBy)
{
    /// <summary>
    /// Whether somebody is in the oldest of them, in any process: a reader, with a name or without, or an appender that was stopped there.
    /// It does not go before they have left it.
    /// </summary>
    public bool IsStoodIn { get; init; }
}

/// <summary>How a queue is encrypted. Says nothing secret.</summary>
/// <param name="FirstSegment">Number of the first encrypted segment; those before it are in clear.</param>
/// <param name="CurrentGeneration">The key generation of new segments.</param>
/// <param name="Generations">The generations that are kept, oldest first.</param>
public sealed record QueueEncryption(long FirstSegment, int CurrentGeneration, IReadOnlyList<QueueKeyGeneration> Generations);

/// <summary>A key of a queue, which only its wrapped form is stored of.</summary>
/// <param name="Number">Its number, counted from 1.</param>
/// <param name="MasterKeyId">The master key that it is wrapped under.</param>
/// <param name="CreatedAt">When it was made: nanoseconds since 1970-01-01 UTC.</param>
public sealed record QueueKeyGeneration(int Number, string MasterKeyId, long CreatedAt);
