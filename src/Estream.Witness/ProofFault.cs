namespace Estream.Witness;

/// <summary>Why bytes are no proof. The first that applies, in this order.</summary>
public enum ProofFault
{
    /// <summary>They are one, as far as its form goes.</summary>
    None,

    /// <summary>They are too short, or more or fewer than their numbers ask for.</summary>
    Length,

    /// <summary>They do not begin as a proof does.</summary>
    Magic,

    /// <summary>A version that is not known here.</summary>
    Version,

    /// <summary>A proof of another kind.</summary>
    Kind,

    /// <summary>A number is out of range, or not zero where it has no meaning.</summary>
    Numbers,

    /// <summary>An attestation in it is none.</summary>
    Attestation,

    /// <summary>The attestation in it says nothing of a state.</summary>
    State,

    /// <summary>The entries of its bucket are not in order, not on the way of its key, or do not say of the key what it says.</summary>
    Bucket,
}
