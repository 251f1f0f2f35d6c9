using Estream.Core;

namespace Estream.Queue;

/// <summary>Options for opening a queue. The defaults are safe and suit most uses.</summary>
public sealed record QueueOptions
{
    /// <summary>
    /// The size of one segment file in bytes: a power of two from 64 KiB to 1 GiB; 64 MiB by default. The first segment has 256 KiB, and
    /// each next one is four times as large, up to this size. Limits the length of a message, which can be nearly as large as a segment.
    /// Used only when the queue is created; an existing queue keeps its size.
    /// </summary>
    public long SegmentBytes { get; init; } = 64L << 20;

    /// <summary>
    /// Whether each message carries a checksum that detects damage. <see cref="FrameChecksum.Crc32C"/> by default; costs a few nanoseconds
    /// for a small message. A change applies from the next segment on.
    /// </summary>
    public FrameChecksum Checksum { get; init; } = FrameChecksum.Crc32C;

    /// <summary>
    /// The minimum number of bytes to retain, in segments; 0, the default, retains everything. Older segments are reused once every named
    /// tailer has passed them and no reader has pinned them (see <see cref="MaxRetentionHold"/>); until then the log exceeds this size.
    /// </summary>
    public long RetainedBytes { get; init; }

    /// <summary>
    /// The minimum time to retain messages, by <see cref="Clock"/>; zero, the default, retains them forever. A segment is deleted once all
    /// its messages are older, every named tailer has passed it and no reader has pinned it. A background check does this at most 30
    /// seconds late while this object has an appender, even if nothing is appended. The current segment always stays. With <see
    /// cref="RetainedBytes"/> as well, a segment is deleted when either limit allows it.
    /// </summary>
    public TimeSpan RetainedAge { get; init; }

    /// <summary>
    /// How long a reader may keep retention from deleting a segment that it has pinned. After this time the segment is deleted. The reader
    /// can still read its present segment, and gets an <see cref="EstreamStorageException"/> (NotFound) for the next one. A reader that is
    /// stopped, in a debugger or at a full pipe, therefore cannot fill the disk. A named tailer keeps all segments that it has not passed,
    /// without a limit. Zero: readers may hold segments without a limit. Default: 60 seconds.
    /// </summary>
    public TimeSpan MaxRetentionHold { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The durability that adapters wait for before they acknowledge a message which they have appended to this queue. Stored in queue.meta
    /// for display. Appends of your own code are not affected: they take a <see cref="Durability"/> as an argument. Default: <see
    /// cref="Durability.PageCache"/>.
    /// </summary>
    public Durability IngressDurability { get; init; }

    /// <summary>
    /// The maximum number of bytes of the log that an appending process leaves in the page cache, for a queue on a disk. With 0, the
    /// default, the kernel decides. Values below four segments count as four, which is 256 MiB with the default <see cref="SegmentBytes"/>,
    /// so use small segments. The current segment and the prepared one are part of this maximum. Appended pages are written back at once in
    /// the background. They are dropped when the appenders are ahead of them by half of the bytes that remain for other segments. An
    /// appender that outruns the disk blocks where a segment starts. Retired segments are deleted instead of reused. Set this option to at
    /// most half of the available memory, or of the memory limit of a container, if the log exceeds that memory. It says nothing about
    /// power cuts; see <see cref="Durability"/>.
    /// </summary>
    public long MemoryBytes { get; init; }

    /// <summary>
    /// The master keys of an encrypted queue; <see langword="null"/>, the default, for an unencrypted one. A queue opened with keys is
    /// encrypted from the next message on, permanently: every process that appends or reads needs the keys. The key ring must outlive the
    /// queue object. docs/guides/encryption.md describes what encryption protects.
    /// </summary>
    public QueueKeyRing? Keys { get; init; }

    /// <summary>
    /// The region that the messages must not leave, such as <c>lex://acme/eu</c>; <see langword="null"/>, the default, for no mark.
    /// Stored with the queue, permanently: a later option can only narrow the region. Replication and multicast refuse to send the queue
    /// out of its region. See <see cref="StreamRegion"/> and docs/guides/replication.md.
    /// </summary>
    public string? Region { get; init; }

    /// <summary>The storage of the files; the file system of the machine by default.</summary>
    public IStorage Storage { get; init; } = FileStorage.Instance;

    /// <summary>The clock that timestamps messages; the system clock by default.</summary>
    public IClock Clock { get; init; } = SystemClock.Instance;

    /// <summary>
    /// What a tailer does while it waits for a message. <see cref="IdleStrategy.Backoff"/>, the default, spins for some microseconds,
    /// yields, then sleeps until an appender wakes it. <see cref="IdleStrategy.Sleep"/> sleeps at once. <see cref="IdleStrategy.BusySpin"/>
    /// responds within tens of nanoseconds and occupies a core. Appenders cannot wake a tailer that may not write: it checks again after
    /// the longest sleep of the strategy. <see cref="QueueTailer.Idle"/> overrides this for one tailer.
    /// </summary>
    public IdleStrategy Idle { get; init; } = IdleStrategy.Backoff();

    /// <summary>
    /// The longest sleep of a waiting tailer before it checks again; ten times as long after a second of waiting. Appenders wake it, but
    /// an appender that crashes between publishing and notifying wakes no tailer, nor does a writer that dies with an open claim. If no
    /// other process lives, this check and <see cref="QueueTailer.PatienceNanos"/> together reclaim such a claim within 50 ms, or within
    /// 250 ms if the tailer was idle.
    /// </summary>
    internal TimeSpan LongestSleep { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The size of the first segment of a new queue, a power of two from 64 KiB. No effect if it is not less than <see
    /// cref="SegmentBytes"/>.</summary>
    internal long FirstSegmentBytes { get; init; } = 256L << 10;

    /// <summary>The scheduler that prepares segments ahead: separate threads, or the steps of a simulation.</summary>
    internal TaskScheduler Background { get; init; } = TaskScheduler.Default;

    private const long SmallestSegment = 64L << 10;
    private const long LargestSegment = 1L << 30;

    internal static bool IsSegmentBytes(long value) => value is >= SmallestSegment and <= LargestSegment && long.IsPow2(value);

    internal void Validate()
    {
        if (!IsSegmentBytes(SegmentBytes))
        {
            throw new ArgumentException(
                $"SegmentBytes is {SegmentBytes}; it must be a power of two from {SmallestSegment} to {LargestSegment}.");
        }

        if (RetainedBytes < 0)
        {
            throw new ArgumentException($"RetainedBytes is {RetainedBytes}; it must be 0 (keep everything) or a positive number of bytes.");
        }

        if (MemoryBytes < 0)
        {
            throw new ArgumentException(
                $"MemoryBytes is {MemoryBytes}; it must be 0 (leave it to the kernel) or a positive number of bytes.");
        }

        if (RetainedAge < TimeSpan.Zero)
        {
            throw new ArgumentException($"RetainedAge is {RetainedAge}; it must be zero (keep everything) or a positive duration.");
        }

        if (MaxRetentionHold < TimeSpan.Zero)
        {
            throw new ArgumentException($"MaxRetentionHold is {MaxRetentionHold}; it must be zero (no limit) or a positive duration.");
        }

        if (Region is not null && !StreamRegion.IsValid(Region))
        {
            throw new ArgumentException(
                $"Region is '{Region}'; it must be a lex address of at most {StreamRegion.MaxLength} characters, such as lex://acme/eu.");
        }

        if (!Enum.IsDefined(Checksum))
        {
            throw new ArgumentException($"Checksum is {(int)Checksum}; it must be None or Crc32C.");
        }
    }
}

/// <summary>The checksum in each frame.</summary>
public enum FrameChecksum
{
    /// <summary>No checksum: damage by the disk or by a power cut is not detected.</summary>
    None = 0,

    /// <summary>CRC-32C over sequence number, time and payload.</summary>
    Crc32C = 1,
}
