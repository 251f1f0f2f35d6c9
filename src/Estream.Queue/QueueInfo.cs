namespace Estream.Queue;

/// <summary>The content of a queue at one moment, and the processes that use it.</summary>
/// <param name="Directory">The directory of the queue.</param>
/// <param name="SegmentBytes">The size of one segment in bytes; the first segments may be smaller.</param>
/// <param name="SegmentCount">The number of segments.</param>
/// <param name="FirstSequence">The sequence number of the oldest retained message.</param>
/// <param name="NextSequence">The sequence number of the next message.</param>
/// <param name="FirstPosition">The position of the oldest retained message.</param>
/// <param name="EndPosition">The position after the newest message.</param>
/// <param name="WriterProcessId">The process that holds the exclusive appender; 0 if there is none. A crashed process is listed until the
/// next appender is created.</param>
/// <param name="Tailers">The named readers, their positions, and the processes that use them.</param>
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
    /// <summary>The number of retained messages by sequence numbers, including numbers that shared appenders skipped.</summary>
    public long MessageCount => NextSequence - FirstSequence;

    /// <summary>The bytes of the log, frames included. Less than the difference of the positions while the log has small
    /// segments.</summary>
    public long LogBytes { get; init; }

    /// <summary>The live appenders.</summary>
    public IReadOnlyList<AppenderInfo> Appenders { get; init; } = [];

    /// <summary>The retention limits, and what prevents segments from being deleted.</summary>
    public RetentionInfo Retention { get; init; } = new(0, TimeSpan.Zero, 0, []);

    /// <summary>The <see cref="QueueOptions.IngressDurability"/> of the last appender; a group commit has its default bounds.</summary>
    public Durability IngressDurability { get; init; }

    /// <summary>How the queue is encrypted; <see langword="null"/> if it is not. Known without any key.</summary>
    public QueueEncryption? Encryption { get; init; }

    /// <summary>
    /// The processes that have pinned a segment, named readers and others, including those that may not write; <see langword="null"/> if
    /// not requested (<see cref="EstreamQueue.GetInfo(bool)"/>). A reader that waits after the last message of a segment has pinned that
    /// segment; a reader that has not found a segment has pinned none.
    /// </summary>
    public IReadOnlyList<SegmentUser>? SegmentUsers { get; init; }

    /// <summary>
    /// Whether <see cref="SegmentUsers"/> lists every process visible to this one. False if the system does not report locks or a limit was
    /// exceeded (1,024 segments, half of them at each end; 1,024 named tailers; 100,000 locks). Processes in containers that this process
    /// cannot see are never listed.
    /// </summary>
    public bool AreSegmentUsersComplete { get; init; }
}

/// <summary>A process that has locked a segment. The lock identifies the segment, not the exact position.</summary>
/// <param name="ProcessId">The process id, as this process sees it.</param>
/// <param name="ProcessName">The name of the process, at most 15 characters; empty if unknown.</param>
/// <param name="FirstPosition">The position of the first message of the segment.</param>
/// <param name="EndPosition">The end position of the segment. The process reads or appends between the two positions.</param>
public sealed record SegmentUser(int ProcessId, string ProcessName, long FirstPosition, long EndPosition)
{
    /// <summary>
    /// The named tailers of the process whose stored position is in this segment. Empty if the process reads without a name or appends.
    /// Also empty for a name whose stored position is behind its reading position, such as a name that commits with batches of another
    /// queue.
    /// </summary>
    public IReadOnlyList<string> Tailers { get; init; } = [];

    /// <summary>
    /// Whether the process has an appender, in this segment or another one. An appender pins the last segment, or the segment in which it
    /// was stopped. The process may also read.
    /// </summary>
    public bool IsAppender { get; init; }
}

/// <summary>A named reader.</summary>
/// <param name="Name">The name.</param>
/// <param name="Position">The position of the next message to read.</param>
public sealed record TailerInfo(string Name, long Position)
{
    /// <summary>The sequence number of the next message to read, or <see langword="null"/> if its position cannot be read.</summary>
    public long? Sequence { get; init; }

    /// <summary>The number of unread messages by sequence numbers, or <see langword="null"/> if the position cannot be read.</summary>
    public long? LagMessages { get; init; }

    /// <summary>Bytes from the position to the end of the log, including headers and unused ends of segments.</summary>
    public long LagBytes { get; init; }

    /// <summary>Whether a tailer of this name exists now, in any process.</summary>
    public bool IsInUse => ProcessId != 0;

    /// <summary>The process that uses the name, by its own process id; 0 if none, -1 if the process has not stored its id.</summary>
    public int ProcessId { get; init; }

    /// <summary>When retention stops to wait for the name if it stays unused, in nanoseconds since 1970-01-01 UTC; <see langword="null"/>
    /// if retention waits for ever. See <see cref="EstreamQueue.CreateTailer(string, TimeSpan)"/>.</summary>
    public long? RetainsUntil { get; init; }

    /// <summary>Whether retention keeps the messages from <see cref="Position"/> on.</summary>
    public bool IsRetaining { get; init; } = true;
}

/// <summary>A live appender.</summary>
/// <param name="ProcessId">The process, by its own process id.</param>
/// <param name="Mode">Whether the appender is exclusive or shared.</param>
public sealed record AppenderInfo(int ProcessId, AppenderMode Mode);

/// <summary>The retention limits that the last appender had, and what prevents segments beyond them from being deleted.</summary>
/// <param name="RetainedBytes">As <see cref="QueueOptions.RetainedBytes"/>; 0 for no limit.</param>
/// <param name="RetainedAge">As <see cref="QueueOptions.RetainedAge"/>; zero for no limit.</param>
/// <param name="SegmentsBeyond">The number of segments beyond these limits that still exist.</param>
/// <param name="HeldBy">
/// The named tailers that have not read the oldest segment beyond the limits to its end. If there are none, <see cref="IsStoodIn"/> tells
/// whether another process has pinned that segment. If not, the segment is deleted when the next one starts or ages are checked next.
/// </param>
public sealed record RetentionInfo(long RetainedBytes, TimeSpan RetainedAge, int SegmentsBeyond, IReadOnlyList<string> HeldBy)
{
    /// <summary>
    /// Whether any process has pinned the oldest segment beyond the limits: a reader, named or not, or an appender that was stopped in it.
    /// The segment stays until the process releases it.
    /// </summary>
    public bool IsStoodIn { get; init; }
}

/// <summary>How a queue is encrypted. Contains no secrets.</summary>
/// <param name="FirstSegment">The number of the first encrypted segment; earlier segments are plaintext.</param>
/// <param name="CurrentGeneration">The key generation of new segments.</param>
/// <param name="Generations">The key generations in use, oldest first.</param>
public sealed record QueueEncryption(long FirstSegment, int CurrentGeneration, IReadOnlyList<QueueKeyGeneration> Generations);

/// <summary>A key of a queue. Only its wrapped form is stored.</summary>
/// <param name="Number">The number of the generation, counted from 1.</param>
/// <param name="MasterKeyId">The id of the master key that wraps it.</param>
/// <param name="CreatedAt">The creation time in nanoseconds since 1970-01-01 UTC.</param>
public sealed record QueueKeyGeneration(int Number, string MasterKeyId, long CreatedAt);
