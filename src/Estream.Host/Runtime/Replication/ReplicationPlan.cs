using Estream.Replication;

namespace Estream.Host.Runtime;

/// <summary>The section <c>Replication</c>: a cluster, and what this host replicates through it.</summary>
/// <param name="Cluster">The brokers.</param>
/// <param name="Publish">The queues of the host to replicate.</param>
/// <param name="Follow">The queues of other hosts to copy into the data folder.</param>
internal sealed record ReplicationPlan(ReplicationCluster Cluster, IReadOnlyList<string> Publish, IReadOnlyList<string> Follow)
{
    /// <summary>The lease for which this host competes. The host that holds the lease is active. The other hosts follow its queues, and
    /// one of them takes over. Null if this host is always active.</summary>
    public string? Lease { get; init; }
}
