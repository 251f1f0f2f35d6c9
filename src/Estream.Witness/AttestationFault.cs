namespace Estream.Witness;

/// <summary>Why bytes are no attestation. The first that applies, in this order.</summary>
public enum AttestationFault
{
    /// <summary>They are one, as far as its form goes; whose it is, <see cref="Attestation.IsSignedBy"/> says.</summary>
    None,

    /// <summary>There are more or fewer bytes than an attestation has.</summary>
    Length,

    /// <summary>They do not begin as an attestation does.</summary>
    Magic,

    /// <summary>A version that is not known here.</summary>
    Version,

    /// <summary>It is of no kind of log that is known here.</summary>
    Origin,

    /// <summary>It is of a tree without leaves, or of a negative number.</summary>
    TreeSize,

    /// <summary>The first or the last message's number is negative, or the last one's is lower than the first one and the number of
    /// messages allow.</summary>
    Sequence,

    /// <summary>The last message's position is negative.</summary>
    Position,

    /// <summary>It was made before 1970.</summary>
    Time,

    /// <summary>Bytes where another version has something are not zero.</summary>
    Reserved,
}
