namespace Estream.Witness;

/// <summary>The reason why bytes are not a valid attestation: the first fault that applies, in this order.</summary>
public enum AttestationFault
{
    /// <summary>The form is valid. For the signature see <see cref="Attestation.IsSignedBy"/>.</summary>
    None,

    /// <summary>The length differs from <see cref="Attestation.Bytes"/>, the size of every attestation.</summary>
    Length,

    /// <summary>The bytes do not start with the magic number of attestations.</summary>
    Magic,

    /// <summary>The version is unknown.</summary>
    Version,

    /// <summary>The kind of log is unknown.</summary>
    Origin,

    /// <summary>The tree size is zero or negative.</summary>
    TreeSize,

    /// <summary>The sequence number of the first or the last message is negative, or the last sequence number is too low for the first
    /// sequence number and the number of messages.</summary>
    Sequence,

    /// <summary>The position of the last message is negative.</summary>
    Position,

    /// <summary>The time is before 1970.</summary>
    Time,

    /// <summary>Bytes that are reserved in this version are not zero.</summary>
    Reserved,
}
