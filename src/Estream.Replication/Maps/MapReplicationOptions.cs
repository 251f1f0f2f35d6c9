using Estream.Core;
using Estream.Queue;

namespace Estream.Replication;

/// <summary>Options for replicating and following a map. The defaults suit most uses.</summary>
public sealed record MapReplicationOptions
{
    private const long SmallSegment = 64 << 10;

    /// <summary>The name of the owner that replicas show, such as the address to which clients send changes: 1 to 255 bytes in UTF-8. The
    /// name of the machine by default.</summary>
    public string Owner { get; init; } = Environment.MachineName;

    /// <summary>The owner replaces a feed by a snapshot when the feed is longer than this, in bytes, and four times as long as the
    /// snapshot. 256 MiB by default.</summary>
    public long MinFeedBytes { get; init; } = 256L << 20;

    /// <summary>How long the owner may be silent: then it sends a message without a change, which tells replicas that they are up to date.
    /// One second by default.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The clock.</summary>
    public IClock Clock { get; init; } = SystemClock.Instance;

    internal long SegmentBytes { get; init; } = 64L << 20;

    internal QueueOptions FeedQueue => new() { Clock = Clock, SegmentBytes = SegmentBytes };

    internal QueueOptions IndexQueue => new() { Clock = Clock, SegmentBytes = SmallSegment };

    internal void Validate()
    {
        int length = System.Text.Encoding.UTF8.GetByteCount(Owner);
        if (length is 0 or > Internal.MapPointer.MaxOwnerBytes)
        {
            throw new ArgumentException($"Owner has {length} bytes; it must have 1 to {Internal.MapPointer.MaxOwnerBytes}.");
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MinFeedBytes);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Heartbeat, TimeSpan.Zero);
    }
}
