namespace Estream.Queue;

/// <summary>
/// Determines which failures an appended message survives. Every message survives a crash of its writer; the durability determines whether
/// it survives a power cut or the loss of the machine, and when that is known. See docs/formats/queue.md, "What survives what".
/// </summary>
/// <remarks>A value of 16 bytes, cheap to copy.</remarks>
public readonly record struct Durability
{
    private const long DefaultBytes = 1 << 20;

    private static readonly TimeSpan s_defaultInterval = TimeSpan.FromMilliseconds(1);

    private Durability(DurabilityLevel level, int intervalMs, long bytes)
    {
        Level = level;
        IntervalMs = intervalMs;
        Bytes = bytes;
    }

    /// <summary>
    /// The default: the message is in the page cache, which the kernel writes to the disk within about 30 seconds. A power cut loses
    /// messages that were not written. Costs nothing.
    /// </summary>
    public static Durability PageCache => default;

    /// <summary>
    /// The message is durable when the append returns. Costs a flush of the disk, which concurrent appends of other threads share.
    /// </summary>
    public static Durability Every { get; } = new(DurabilityLevel.Every, 0, 0);

    /// <summary>
    /// The message is on a quorum of other machines, as confirmed by a replicator (<see cref="EstreamQueue.OpenQuorum"/>): it survives the
    /// loss of this machine. The append returns at once; <see cref="EstreamQueue.WaitQuorumAsync"/> completes when the message is
    /// confirmed. The message is not flushed to the disk of this machine.
    /// </summary>
    public static Durability Quorum { get; } = new(DurabilityLevel.Quorum, 0, 0);

    /// <summary>
    /// The message is on a quorum of other machines, as with <see cref="Quorum"/>, and flushed to the disk of this machine, as with <see
    /// cref="GroupCommit()"/>. The message survives the loss of this machine, and a power cut of this machine. After a power cut
    /// of all machines at once, the message may be on the disk of this machine only. If another machine then takes over the queue first,
    /// the queue continues without the message, and only the log of this machine has the message. The append returns at once; <see
    /// cref="EstreamQueue.WaitQuorumAndFlushAsync"/> completes when the message is confirmed and flushed. Both run in parallel.
    /// </summary>
    public static Durability QuorumAndFlush { get; } =
        new(DurabilityLevel.QuorumAndFlush, (int)s_defaultInterval.TotalMilliseconds, DefaultBytes);

    /// <summary>Whether an acknowledgement waits for more than the append: false for <see cref="PageCache"/>.</summary>
    public bool IsDurable => Level != DurabilityLevel.PageCache;

    internal DurabilityLevel Level { get; }

    internal bool NeedsQuorum => Level is DurabilityLevel.Quorum or DurabilityLevel.QuorumAndFlush;

    internal bool NeedsFlush => Level is DurabilityLevel.GroupCommit or DurabilityLevel.Every or DurabilityLevel.QuorumAndFlush;

    internal int IntervalMs { get; }

    internal long Bytes { get; }

    /// <summary>
    /// The message is flushed together with others within a millisecond, or as soon as 1 MiB is waiting. The append returns at once; <see
    /// cref="EstreamQueue.WaitDurableAsync"/> completes when the message is durable.
    /// </summary>
    public static Durability GroupCommit() => GroupCommit(s_defaultInterval, DefaultBytes);

    /// <summary>As <see cref="GroupCommit()"/>, with other bounds. Larger bounds mean fewer flushes and longer waits.</summary>
    /// <param name="interval">The maximum time between an append and the start of its flush, from 0 to one minute; rounded up to
    /// milliseconds.</param>
    /// <param name="bytes">The number of waiting bytes that starts a flush; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A bound is out of range.</exception>
    public static Durability GroupCommit(TimeSpan interval, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(interval, TimeSpan.FromMinutes(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        return new Durability(DurabilityLevel.GroupCommit, (int)Math.Ceiling(interval.TotalMilliseconds), bytes);
    }

    /// <summary>The name of the level: <c>PageCache</c>, <c>GroupCommit</c>, <c>Every</c>, <c>Quorum</c> or
    /// <c>QuorumAndFlush</c>.</summary>
    public override string ToString() => Level.ToString();
}

/// <summary>The kinds of <see cref="Durability"/>. The values are stored in queue.meta.</summary>
internal enum DurabilityLevel
{
    PageCache,
    GroupCommit,
    Every,
    Quorum,
    QuorumAndFlush,
}
