namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>Why an entry has no place in a log.</summary>
public enum LogEntryFault
{
    /// <summary>It has one.</summary>
    None,

    /// <summary>It is no entry.</summary>
    Malformed,

    /// <summary>The namespace is owned already, and this is a first record.</summary>
    NamespaceTaken,

    /// <summary>Nobody owns the namespace.</summary>
    UnknownNamespace,

    /// <summary>The record has another number than the one behind the last.</summary>
    WrongSerial,

    /// <summary>Fewer of the owners have signed than have to.</summary>
    OwnersMissing,

    /// <summary>Fewer of the new owners have signed than will have to: they have not agreed.</summary>
    NewOwnersMissing,

    /// <summary>A key is revoked that the namespace never had.</summary>
    UnknownKey,

    /// <summary>A revocation counts from an index behind its own.</summary>
    FutureIndex,

    /// <summary>The version is published already, with other files or the same.</summary>
    DuplicateVersion,

    /// <summary>The version that is taken back or deprecated was never published.</summary>
    UnknownVersion,

    /// <summary>The namespace has as many records or revocations as one may have.</summary>
    TooMany,
}
