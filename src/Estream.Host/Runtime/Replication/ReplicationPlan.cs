using Estream.Circuits.Operations;
using Estream.Replication;

namespace Estream.Host.Runtime;

/// <summary>The section <c>Replication</c>: a cluster, and what this host replicates through it.</summary>
/// <param name="Cluster">The brokers.</param>
/// <param name="Publish">The queues of the host to replicate.</param>
/// <param name="Follow">The queues of other hosts to copy into the data folder.</param>
internal sealed record ReplicationPlan(ReplicationCluster Cluster, IReadOnlyList<string> Publish, IReadOnlyList<string> Follow)
{
    /// <summary>The maps that clients write and that the host replicates.</summary>
    public IReadOnlyList<string> PublishMaps { get; init; } = [];

    /// <summary>The maps of other hosts of which this host keeps replicas.</summary>
    public IReadOnlyList<string> FollowMaps { get; init; } = [];

    /// <summary>The unconfirmed bytes of a published queue above which adapters and clients may not append to the queue; 0 for no
    /// limit.</summary>
    public long MaxSpoolBytes { get; init; }

    /// <summary>The default of <see cref="DivergedDays"/>.</summary>
    public const int DefaultDivergedDays = 30;

    /// <summary>The days after which a log that differs from its stream is deleted; 0 to keep such logs.</summary>
    public int DivergedDays { get; init; } = DefaultDivergedDays;

    /// <summary>The name of this host that replicas show as the owner of its maps.</summary>
    public string Owner { get; init; } = Environment.MachineName;

    /// <summary>The lease for which this host competes. The host that holds the lease is active. The other hosts follow its queues, and
    /// one of them takes over. Null if this host is always active.</summary>
    public string? Lease { get; init; }

    /// <summary>Why an operation cannot replicate through the cluster, as the rest of a sentence; null if it can.</summary>
    /// <param name="operation">An operation with a replica.</param>
    /// <param name="isAuto">Whether the host has the role auto.</param>
    /// <param name="queues">The queues that the host publishes or follows.</param>
    /// <param name="maps">The maps that the host publishes or follows.</param>
    public static string? WhyNot(CircuitOperation operation, bool isAuto, IEnumerable<string> queues, IEnumerable<string> maps) =>
        isAuto
            ? "which has the role auto: an earlier active host could take the stream back. Name the queue in Replication:Publish, or the "
                + "map in Replication:PublishMaps, instead."
        : (operation.Queue is null ? maps : queues).FirstOrDefault(name => name == operation.Replica || name == operation.Queue)
            is { } known
            ? $"which already replicates '{known}'. Remove the circuit, or give its replica another name and its queue to no other "
                + "publisher."
        : null;
}
