using Estream.Replication;

namespace Estream.Host.Http;

/// <summary>
/// A queue or map of the section <c>Replication</c>. <paramref name="Role"/> is <c>publisher</c> or <c>follower</c>.
/// <paramref name="State"/> is <c>starting</c>, <c>disconnected</c>, <c>catching up</c>, <c>running</c>, <c>fenced</c> or <c>failed</c>,
/// with the reason in <paramref name="Detail"/>.
/// </summary>
internal sealed record ReplicationOverview(string Queue, string Role, string State, string Detail)
{
    public const string Publisher = "publisher";
    public const string Follower = "follower";

    /// <summary><c>queue</c>, or <c>map</c>.</summary>
    public string Kind { get; init; } = "queue";

    /// <summary>The host that owns a followed map; empty if it is not known.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The epoch of the stream.</summary>
    public long Epoch { get; init; }

    /// <summary>The position up to which the log is replicated.</summary>
    public long Position { get; init; }

    /// <summary>The messages of a publisher that are not confirmed.</summary>
    public long LagMessages { get; init; }

    /// <summary>The bytes of log of a publisher that are not confirmed.</summary>
    public long LagBytes { get; init; }

    /// <summary>Of a publisher, how long nothing was confirmed although messages wait; of a follower, the age of its newest
    /// message. Of a followed map, how old its content is at most; -1 while it is not complete.</summary>
    public double LagSeconds { get; init; }

    /// <summary>Whether replication has ended, and needs an operator.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool HasEnded => State is "fenced" or "failed";

    /// <summary>The connections to brokers since the start.</summary>
    public long ConnectionsTotal { get; init; }

    /// <summary>The entries of the stream since the start that no reader can use.</summary>
    public long UnreadableTotal { get; init; }

    public static ReplicationOverview Of(ReplicationStatus status, string role) =>
        new(status.Queue, role, TextOf(status.State), status.Failure ?? "")
        {
            Epoch = status.Epoch,
            Position = status.Position,
            LagMessages = status.LagMessages ?? 0,
            LagBytes = status.LagBytes,
            LagSeconds = Math.Round(status.Lag.TotalSeconds, 3),
            ConnectionsTotal = status.Connections,
            UnreadableTotal = status.UnreadableEntries,
        };

    public static ReplicationOverview OfMap(ReplicationStatus status) => Of(status, Publisher) with { Kind = "map" };

    public static ReplicationOverview OfMap(MapReplicaStatus status) =>
        new(status.Map, Follower, TextOf(status.State), status.Failure ?? "")
        {
            Kind = "map",
            Owner = status.Owner ?? "",
            Epoch = status.Epoch,
            LagSeconds = status.Staleness is { } age ? Math.Round(age.TotalSeconds, 3) : -1,
        };

    private static string TextOf(ReplicationState state) => state switch
    {
        ReplicationState.Disconnected => "disconnected",
        ReplicationState.CatchingUp => "catching up",
        ReplicationState.Running => "running",
        ReplicationState.Fenced => "fenced",
        _ => "failed",
    };
}
