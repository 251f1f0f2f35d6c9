using Estream.Replication;

namespace Estream.Host.Http;

/// <summary>
/// A queue of the section <c>Replication</c>. <paramref name="Role"/> is <c>publisher</c> or <c>follower</c>. <paramref name="State"/> is
/// <c>starting</c>, <c>disconnected</c>, <c>catching up</c>, <c>running</c>, <c>fenced</c> or <c>failed</c>, with the reason in
/// <paramref name="Detail"/>.
/// </summary>
internal sealed record ReplicationOverview(string Queue, string Role, string State, string Detail)
{
    public const string Publisher = "publisher";
    public const string Follower = "follower";

    /// <summary>The epoch of the stream.</summary>
    public long Epoch { get; init; }

    /// <summary>The position up to which the log is replicated.</summary>
    public long Position { get; init; }

    /// <summary>The messages of a publisher that are not confirmed.</summary>
    public long LagMessages { get; init; }

    /// <summary>The bytes of log of a publisher that are not confirmed.</summary>
    public long LagBytes { get; init; }

    /// <summary>Of a publisher, how long nothing was confirmed although messages wait; of a follower, the age of its newest
    /// message.</summary>
    public double LagSeconds { get; init; }

    /// <summary>The connections to brokers since the start.</summary>
    public long ConnectionsTotal { get; init; }

    public static ReplicationOverview Of(ReplicationStatus status, string role) =>
        new(status.Queue, role, TextOf(status.State), status.Failure ?? "")
        {
            Epoch = status.Epoch,
            Position = status.Position,
            LagMessages = status.LagMessages ?? 0,
            LagBytes = status.LagBytes,
            LagSeconds = Math.Round(status.Lag.TotalSeconds, 3),
            ConnectionsTotal = status.Connections,
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
