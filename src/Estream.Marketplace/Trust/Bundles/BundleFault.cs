namespace Estream.Marketplace.Trust.Bundles;

/// <summary>Why a bundle is refused. There is no way to take it in spite of that.</summary>
public enum BundleFault
{
    /// <summary>It is not refused.</summary>
    None,

    /// <summary>A part of it cannot be read.</summary>
    Malformed,

    /// <summary>The timestamp is not signed by those who have to sign it.</summary>
    Timestamp,

    /// <summary>The snapshot is not the one of the timestamp, or not signed by those who have to sign it.</summary>
    Snapshot,

    /// <summary>The checkpoint is not signed by the log and as many of its witnesses as have to sign it.</summary>
    Checkpoint,

    /// <summary>The checkpoint is not the one of the snapshot.</summary>
    OtherCheckpoint,

    /// <summary>Snapshot or timestamp did not count any more when the checkpoint was made.</summary>
    Expired,

    /// <summary>The bundle is older than is taken.</summary>
    TooOld,

    /// <summary>The bundle is from the future: the clock of this machine is behind, or somebody's was wrong.</summary>
    FromFuture,

    /// <summary>The map of namespaces does not have the state that is shown.</summary>
    Namespace,

    /// <summary>The record is not the one that counted when the release was published, or not in the log.</summary>
    NamespaceRecord,

    /// <summary>The owners of the namespace did not renew their record in time.</summary>
    NamespaceExpired,

    /// <summary>The publication is not in the log where it is said to be.</summary>
    Publication,

    /// <summary>Fewer of the owners have signed the publication than have to, with keys that counted then and are not revoked from then
    /// on.</summary>
    PublicationSigners,

    /// <summary>Fewer of the owners have signed the release than have to, with keys that counted then and are not revoked from then
    /// on.</summary>
    ReleaseSigners,

    /// <summary>The release statement is not the one that was published.</summary>
    OtherRelease,

    /// <summary>The policy is not the one of the snapshot, not signed by those who have to sign it, or does not name the
    /// category.</summary>
    Policy,

    /// <summary>Fewer reviewers have approved of the release than the policy asks for.</summary>
    Approvals,

    /// <summary>The package is missing.</summary>
    PackageMissing,

    /// <summary>The package is none, or has other files than were released.</summary>
    Package,
}
