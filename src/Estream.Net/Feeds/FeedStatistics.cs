namespace Estream.Net.Feeds;

/// <summary>The state of a <see cref="FeedArbiter"/>.</summary>
public enum FeedState
{
    /// <summary>Messages are delivered as they arrive.</summary>
    Live,

    /// <summary>Messages are kept until <see cref="FeedArbiter.TryResume"/> names a snapshot.</summary>
    WaitingForSnapshot,
}

/// <summary>The counters of a <see cref="FeedArbiter"/> since its start, in messages unless stated otherwise.</summary>
public readonly record struct FeedArbiterStatistics
{
    /// <summary>Delivered to the handler.</summary>
    public long Delivered { get; init; }

    /// <summary>Missing at first and then delivered by a feed, without a snapshot.</summary>
    public long Filled { get; init; }

    /// <summary>How often a message was missing for longer than the gap timeout, or was further behind than the window.</summary>
    public long Gaps { get; init; }

    /// <summary>Skipped because no feed had delivered them.</summary>
    public long Lost { get; init; }

    /// <summary>How often the arbiter resumed after a snapshot.</summary>
    public long Resumed { get; init; }

    /// <summary>Dropped while waiting for a snapshot because the window was full.</summary>
    public long Overrun { get; init; }

    /// <summary>Kept at present until an earlier message arrives.</summary>
    public int Held { get; init; }
}

/// <summary>The counters of one feed, since the start of its arbiter.</summary>
public readonly record struct FeedStatistics
{
    /// <summary>Packets received.</summary>
    public long Packets { get; init; }

    /// <summary>Messages that this feed delivered first.</summary>
    public long Wins { get; init; }

    /// <summary>Messages that another feed had delivered before, or that came too late.</summary>
    public long Duplicates { get; init; }

    /// <summary>Packets that are not of the protocol, are truncated, or have a message that is too long.</summary>
    public long Invalid { get; init; }

    /// <summary>Packets of another session.</summary>
    public long OtherSession { get; init; }

    /// <summary>Packets that were too far ahead.</summary>
    public long Implausible { get; init; }

    /// <summary>When the last valid packet of the session arrived, by the monotonic clock of the arbiter, in nanoseconds; 0 for
    /// never. A feed whose value stays behind the other feeds is dead.</summary>
    public long LastNanos { get; init; }
}
