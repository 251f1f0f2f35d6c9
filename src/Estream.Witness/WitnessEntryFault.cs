namespace Estream.Witness;

/// <summary>Why a message of a witness queue is no entry. The first that applies, in this order.</summary>
public enum WitnessEntryFault
{
    /// <summary>It is one, as far as its form goes.</summary>
    None,

    /// <summary>It is too short, or has more or fewer bytes than its numbers ask for.</summary>
    Length,

    /// <summary>It does not begin as an entry does.</summary>
    Magic,

    /// <summary>A version that is not known here.</summary>
    Version,

    /// <summary>Bytes that are kept for later versions are not zero.</summary>
    Reserved,

    /// <summary>The attestation in it is none.</summary>
    Attestation,

    /// <summary>The tree before it is not smaller, or its first message is behind its last.</summary>
    Numbers,

    /// <summary>The root that follows from its nodes is not the one that is attested.</summary>
    Nodes,
}
