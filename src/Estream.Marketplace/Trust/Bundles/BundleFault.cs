namespace Estream.Marketplace.Trust.Bundles;

/// <summary>Why a bundle is rejected. No option overrides a rejection.</summary>
public enum BundleFault
{
    /// <summary>The bundle is not rejected.</summary>
    None,

    /// <summary>A part of the bundle cannot be read.</summary>
    Malformed,

    /// <summary>The timestamp lacks the required signatures.</summary>
    Timestamp,

    /// <summary>The snapshot is not the one that the timestamp names, or lacks the required signatures.</summary>
    Snapshot,

    /// <summary>The checkpoint is not signed by the log and by the required number of witnesses.</summary>
    Checkpoint,

    /// <summary>The checkpoint is not the one that the snapshot names.</summary>
    OtherCheckpoint,

    /// <summary>The snapshot or the timestamp had expired when the checkpoint was created.</summary>
    Expired,

    /// <summary>The bundle is older than the maximum age.</summary>
    TooOld,

    /// <summary>The bundle is dated in the future: the clock of this machine is slow, or the clock of the log or of a witness was
    /// fast.</summary>
    FromFuture,

    /// <summary>The namespace map does not contain the namespace state in the bundle.</summary>
    Namespace,

    /// <summary>The namespace record is not the one that was in effect when the release was published, or is not in the log.</summary>
    NamespaceRecord,

    /// <summary>The owners of the namespace did not renew their record in time.</summary>
    NamespaceExpired,

    /// <summary>The publication is not in the log at the stated index.</summary>
    Publication,

    /// <summary>Fewer owners than the threshold signed the publication with keys that were in effect at its index and are not revoked from
    /// that index on.</summary>
    PublicationSigners,

    /// <summary>Fewer owners than the threshold signed the release with keys that were in effect at the index of its publication and are
    /// not revoked from that index on.</summary>
    ReleaseSigners,

    /// <summary>The release statement is not the one that was published.</summary>
    OtherRelease,

    /// <summary>The policy is not the one that the snapshot names, lacks the required signatures, has expired, or does not name the
    /// category.</summary>
    Policy,

    /// <summary>Fewer reviewers approved the release than the policy requires.</summary>
    Approvals,

    /// <summary>The package is missing.</summary>
    PackageMissing,

    /// <summary>The package cannot be read, or its files differ from the released files.</summary>
    Package,
}
