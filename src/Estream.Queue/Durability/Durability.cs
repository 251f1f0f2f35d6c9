namespace Estream.Queue;

/// <summary>
/// What a message survives. Every message survives the death of its writer; this says whether it survives that of the machine, and when
/// that is known. docs/formats/queue.md, "What survives what".
/// </summary>
/// <remarks>A value of 16 bytes; costs nothing to copy.</remarks>
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
    /// The default: the message is with the kernel, which writes it to the device within half a minute or so. A power cut loses what was
    /// not written. Costs nothing.
    /// </summary>
    public static Durability PageCache => default;

    /// <summary>The message is on the device when the append returns. Costs a flush of the device, which appends of other threads
    /// share.</summary>
    public static Durability Every { get; } = new(DurabilityLevel.Every, 0, 0);

    internal DurabilityLevel Level { get; }

    internal int IntervalMs { get; }

    internal long Bytes { get; }

    /// <summary>
    /// The message is flushed together with others within a millisecond, or as soon as 1 MiB is waiting. The append returns at once:
    /// <see cref="EstreamQueue.WaitDurableAsync"/> says when the message is on the device.
    /// </summary>
    public static Durability GroupCommit() => GroupCommit(s_defaultInterval, DefaultBytes);

    /// <summary>As <see cref="GroupCommit()"/>, with bounds of your own. Longer ones mean fewer flushes, and a longer wait for
    /// each.</summary>
    /// <param name="interval">How long after the append its flush begins at the latest, from 0 to a minute; rounded up to
    /// milliseconds.</param>
    /// <param name="bytes">How many bytes of the log may wait before a flush begins; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A bound is out of range.</exception>
    public static Durability GroupCommit(TimeSpan interval, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(interval, TimeSpan.FromMinutes(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        return new Durability(DurabilityLevel.GroupCommit, (int)Math.Ceiling(interval.TotalMilliseconds), bytes);
    }
}

/// <summary>The kinds of <see cref="Durability"/>.</summary>
internal enum DurabilityLevel
{
    PageCache,
    GroupCommit,
    Every,
}
