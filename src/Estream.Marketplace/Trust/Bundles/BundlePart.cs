namespace Estream.Marketplace.Trust.Bundles;

/// <summary>The parts of a bundle, by their numbers in the file. They stand in this order, each once.</summary>
public enum BundlePart
{
    /// <summary>The release statement: an envelope signed by the owners of the namespace.</summary>
    Release = 1,

    /// <summary>The entry of the log by which the version was published.</summary>
    Publication = 2,

    /// <summary>Where that entry is, and the proof that it is there.</summary>
    PublicationProof = 3,

    /// <summary>The record of the namespace that counts for it: an entry of the log.</summary>
    NamespaceRecord = 4,

    /// <summary>Where the record is, and the proof that it is there.</summary>
    NamespaceRecordProof = 5,

    /// <summary>The state of the namespace with the proof that the map of namespaces has it.</summary>
    NamespaceState = 6,

    /// <summary>The checkpoint of the log with its signatures and cosignatures.</summary>
    Checkpoint = 7,

    /// <summary>The snapshot that says which log and which map belong together.</summary>
    Snapshot = 8,

    /// <summary>The timestamp that says which snapshot is the newest.</summary>
    Timestamp = 9,

    /// <summary>The policy of the registry that the snapshot names: how many of whom have to approve of a release.</summary>
    Targets = 10,

    /// <summary>What reviewers have signed of the release digest: one envelope, with no signature where nobody has to.</summary>
    Approvals = 11,

    /// <summary>The package. Left out where it is kept beside the bundle.</summary>
    Package = 12,
}
