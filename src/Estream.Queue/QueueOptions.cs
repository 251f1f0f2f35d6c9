using Estream.Core;

namespace Estream.Queue;

/// <summary>How a queue is opened. The defaults are safe and suit most uses.</summary>
public sealed record QueueOptions
{
    /// <summary>
    /// Bytes of one segment file, a power of two from 64 KiB to 1 GiB; 64 MiB by default. A message can be nearly as large as a segment.
    /// Only used when the queue is created: an existing queue keeps its size.
    /// </summary>
    public long SegmentBytes { get; init; } = 64L << 20;

    /// <summary>
    /// Whether each message carries a checksum, by which damage is found; <see cref="FrameChecksum.Crc32C"/> by default, at a few
    /// nanoseconds for a small message. A change applies from the next segment on.
    /// </summary>
    public FrameChecksum Checksum { get; init; } = FrameChecksum.Crc32C;

    /// <summary>
    /// How many bytes of segments to keep at least; 0, the default, keeps everything. What is older is reused for new segments once every
    /// named tailer has passed it and nobody reads it; until then the log grows past this size.
    /// </summary>
    public long RetainedBytes { get; init; }

    /// <summary>
    /// How long to keep messages at least, by <see cref="Clock"/>; zero, the default, keeps them for ever. A segment is removed once all
    /// its messages are older, every named tailer has passed it and nobody reads it. That is looked after in the background, at most half a
    /// minute late, while this object has an appender, also when nothing is appended. The segment being filled stays, however old. With
    /// <see cref="RetainedBytes"/> as well, a segment goes when either allows it.
    /// </summary>
    public TimeSpan RetainedAge { get; init; }

    /// <summary>
    /// How many bytes of the log an appending process may leave in the page cache, for a queue on a device; 0, the default, leaves that to
    /// the kernel. Less than four segments counts as four, which is 256 MiB with the default <see cref="SegmentBytes"/>, so make segments
    /// small enough: two are the one being filled and the one made ready. What was appended is written at once, in the background, and its
    /// memory given back when appending is half of the rest ahead; an appender that is faster than the device waits where a segment begins.
    /// Retired segments are removed and not reused. Set it where the log is longer than the memory there is for it, or the limit of a
    /// container: to half of that at most. It promises nothing about power cuts; see <see cref="Durability"/>.
    /// </summary>
    public long MemoryBytes { get; init; }

    /// <summary>
    /// The master keys of an encrypted queue; <see langword="null"/>, the default, for one in clear. A queue opened with keys is encrypted
    /// from the next message on, for good: whoever appends or reads messages needs them. The ring has to outlive the queue object. What
    /// this protects and what not is said in docs/guides/encryption.md.
    /// </summary>
    public QueueKeyRing? Keys { get; init; }

    /// <summary>Where the files are kept; the machine's file system by default.</summary>
    public IStorage Storage { get; init; } = FileStorage.Instance;

    /// <summary>What gives messages their time; the machine's clock by default.</summary>
    public IClock Clock { get; init; } = SystemClock.Instance;

    /// <summary>
    /// What a tailer does while it waits for a message: <see cref="IdleStrategy.Backoff"/>, the default, spins for some microseconds,
    /// yields, then sleeps until an appender wakes it; <see cref="IdleStrategy.Sleep"/> sleeps at once; <see cref="IdleStrategy.BusySpin"/>
    /// answers within tens of nanoseconds and keeps a core busy. The longest sleep of the strategy is that of tailers which may not write
    /// and so cannot be woken. <see cref="QueueTailer.Idle"/> sets another one for one tailer.
    /// </summary>
    public IdleStrategy Idle { get; init; } = IdleStrategy.Backoff();

    /// <summary>
    /// How long a tailer sleeps at most before it looks again. Appenders wake it, but one that is killed between showing a message and
    /// waking has woken nobody; and nobody wakes it for a place that was taken by a writer which then died. Where nobody else lives, such
    /// a place has to be given up within 50 ms by this look and <see cref="QueueTailer.PatienceNanos"/> more.
    /// </summary>
    internal TimeSpan LongestSleep { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Where segments are prepared ahead: threads of their own, or the turns of a simulation.</summary>
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
            throw new ArgumentException($"RetainedBytes is {RetainedBytes}; it must be 0 (keep everything) or a number of bytes.");
        }

        if (MemoryBytes < 0)
        {
            throw new ArgumentException($"MemoryBytes is {MemoryBytes}; it must be 0 (leave it to the kernel) or a number of bytes.");
        }

        if (RetainedAge < TimeSpan.Zero)
        {
            throw new ArgumentException($"RetainedAge is {RetainedAge}; it must be zero (keep everything) or a time.");
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
    /// <summary>None: damage by the device or by a power cut goes unnoticed.</summary>
    None = 0,

    /// <summary>CRC-32C over number, time and payload.</summary>
    Crc32C = 1,
}
