namespace Estream.Witness;

/// <summary>What is wrong with a log or its attestations.</summary>
public enum WitnessFault
{
    /// <summary>A message of the witness queue is no entry, or does not follow the one before.</summary>
    Entry,

    /// <summary>An attestation is of another log.</summary>
    Origin,

    /// <summary>An attestation is not signed with a key that is trusted.</summary>
    Signature,

    /// <summary>Messages that are attested are not there, though nothing has given them up.</summary>
    Missing,

    /// <summary>Messages are not those that are attested: changed, removed, put in between, or in another order.</summary>
    Rewritten,

    /// <summary>The tree that is to be attested does not begin with the one that was.</summary>
    Inconsistent,

    /// <summary>What is there cannot be read: it is damaged, of an unknown format, or encrypted with a key that is not to be had.</summary>
    Unreadable,

    /// <summary>The state that follows from the messages of a change feed is not the attested one, or none is attested.</summary>
    State,
}
