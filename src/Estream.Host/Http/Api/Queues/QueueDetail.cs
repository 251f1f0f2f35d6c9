namespace Estream.Host.Http;

/// <summary>
/// The response of <c>/api/queues/{name}</c>. Times are in nanoseconds since 1970-01-01 UTC. The sequence numbers and times of a
/// partitioned queue are null, because each partition has its own.
/// </summary>
internal sealed record QueueDetail : QueueOverview
{
    /// <param name="row">The row of the queue in the newest sample.</param>
    public QueueDetail(QueueOverview row)
        : base(row)
    {
    }

    public long? FirstSequence { get; init; }

    public long? NextSequence { get; init; }

    public long? FirstTime { get; init; }

    public long? LastTime { get; init; }

    /// <summary>The schemas of the newest messages, and those that the configuration names for the queue.</summary>
    public IReadOnlyList<string> Schemas { get; init; } = [];

    public bool Encrypted { get; init; }

    /// <summary>Why the queue accepts no messages: <c>operator</c>, <c>disk</c>, <c>spool</c>, <c>fenced</c>, <c>lease-lost</c>, or
    /// <c>write-failed</c> if the last write failed.</summary>
    public IReadOnlyList<string> PauseReasons { get; init; } = [];

    /// <summary>The error that senders get while the queue accepts no messages; empty if the queue accepts messages.</summary>
    public string PauseDetail { get; init; } = "";

    /// <summary>Why the requester may not publish a message; null if the requester may. Does not check the role.</summary>
    public string? WhyNotPublish { get; init; }

    public IReadOnlyList<QueueReader> Readers { get; init; } = [];

    public IReadOnlyList<QueueGroup> Groups { get; init; } = [];

    public IReadOnlyList<QueueAppenderOverview> Appenders { get; init; } = [];

    public required QueueRetention Retention { get; init; }

    public bool Witness { get; init; }

    public bool IsDeadLetters { get; init; }

    /// <summary>The parts that write the queue: <c>adapter:NAME</c>, <c>pipeline:NAME</c> or <c>circuit:NAME</c>.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];
}

/// <summary>A named reader of a queue.</summary>
/// <param name="Kind"><c>tailer</c>, <c>group</c>, <c>map</c>, <c>pipeline</c>, <c>circuit</c>, <c>adapter</c>, <c>follower</c>,
/// <c>replica</c> or <c>witness</c>.</param>
/// <param name="Name">The map, pipeline, adapter, group or client; the name of the tailer if the tailer belongs to none of them.</param>
/// <param name="Tailer">The name of the tailer.</param>
/// <param name="Sequence">The sequence number of the next message to read; null if unknown, or for a partitioned queue.</param>
/// <param name="LagMessages">The number of unread messages; null if unknown.</param>
/// <param name="LagBytes">The number of unread bytes.</param>
/// <param name="HoldsRetention">Whether the reader keeps segments beyond the retention limits.</param>
/// <param name="HeldBytes">The bytes of these segments.</param>
internal sealed record QueueReader(
    string Kind, string Name, string Tailer, long? Sequence, long? LagMessages, long LagBytes, bool HoldsRetention, long HeldBytes);

/// <summary>A consumer group of a partitioned queue.</summary>
internal sealed record QueueGroup(string Name, IReadOnlyList<QueueGroupMember> Members, long? LagMessages);

/// <summary>A member of a consumer group. <paramref name="Since"/> is null, because members do not record when they joined.
/// <paramref name="LagMessages"/> is null for a remote client, which shares its partitions with the other clients of the host.</summary>
internal sealed record QueueGroupMember(string Name, long? Since, long? LagMessages);

/// <summary>An appender of a queue. <paramref name="Name"/> is its mode.</summary>
internal sealed record QueueAppenderOverview(string Name, int Pid);

/// <summary>The retention of a queue; 0 means no limit. <paramref name="HeldBy"/> are the tailers that keep segments beyond the
/// limits.</summary>
internal sealed record QueueRetention(
    long RetainedBytes, double MaxAgeSeconds, IReadOnlyList<string> HeldBy, long EvictedSegments);
