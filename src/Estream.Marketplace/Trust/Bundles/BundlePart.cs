namespace Estream.Marketplace.Trust.Bundles;

/// <summary>The parts of a bundle, by their numbers in the file. A bundle contains each part once, in this order.</summary>
public enum BundlePart
{
    /// <summary>The release statement: an envelope signed by the owners of the namespace.</summary>
    Release = 1,

    /// <summary>The log entry that published the version.</summary>
    Publication = 2,

    /// <summary>The index of that entry and its inclusion proof.</summary>
    PublicationProof = 3,

    /// <summary>The log entry with the namespace record in effect for the publication.</summary>
    NamespaceRecord = 4,

    /// <summary>The index of the namespace record and its inclusion proof.</summary>
    NamespaceRecordProof = 5,

    /// <summary>The state of the namespace, with the proof that the namespace map contains that state.</summary>
    NamespaceState = 6,

    /// <summary>The checkpoint of the log with its signatures and cosignatures.</summary>
    Checkpoint = 7,

    /// <summary>The snapshot, which ties a log checkpoint to a namespace map.</summary>
    Snapshot = 8,

    /// <summary>The timestamp, which names the newest snapshot.</summary>
    Timestamp = 9,

    /// <summary>The policy of the registry that the snapshot names: how many approvals by which reviewers a release needs.</summary>
    Targets = 10,

    /// <summary>The reviewers' signatures on the release digest: one envelope, with no signatures if no approvals are required.</summary>
    Approvals = 11,

    /// <summary>The package. Absent if the package is stored next to the bundle.</summary>
    Package = 12,
}
