namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>Why an entry is not valid at its index in a log.</summary>
public enum LogEntryFault
{
    /// <summary>The entry is valid.</summary>
    None,

    /// <summary>The bytes are not an entry.</summary>
    Malformed,

    /// <summary>The entry is a first record, but the namespace already has an owner.</summary>
    NamespaceTaken,

    /// <summary>The namespace has no owner.</summary>
    UnknownNamespace,

    /// <summary>The serial of the record does not follow the serial of the last record.</summary>
    WrongSerial,

    /// <summary>Fewer owners than the threshold have signed.</summary>
    OwnersMissing,

    /// <summary>Fewer new owners than the new threshold have signed, so they have not consented.</summary>
    NewOwnersMissing,

    /// <summary>The revoked key never belonged to the namespace.</summary>
    UnknownKey,

    /// <summary>The revocation starts at an index after the index of the revocation itself.</summary>
    FutureIndex,

    /// <summary>The version is already published, with the same or other files.</summary>
    DuplicateVersion,

    /// <summary>The version to yank or deprecate was never published.</summary>
    UnknownVersion,

    /// <summary>The namespace has reached the maximum number of records or revocations.</summary>
    TooMany,
}
