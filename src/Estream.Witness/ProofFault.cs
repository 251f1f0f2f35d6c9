namespace Estream.Witness;

/// <summary>The reason why bytes are not a valid proof: the first fault that applies, in this order.</summary>
public enum ProofFault
{
    /// <summary>The form is valid.</summary>
    None,

    /// <summary>The bytes are too short, or their length does not match the numbers in them.</summary>
    Length,

    /// <summary>The bytes do not start with the magic number of proofs.</summary>
    Magic,

    /// <summary>The version is unknown.</summary>
    Version,

    /// <summary>The proof is of another kind.</summary>
    Kind,

    /// <summary>A number is out of range, or is not zero although unused.</summary>
    Numbers,

    /// <summary>An attestation in the proof is invalid.</summary>
    Attestation,

    /// <summary>The attestation in the proof does not include a state.</summary>
    State,

    /// <summary>The bucket's entries are not in order, are not on the key's path, or contradict the value or absence that the proof states
    /// for the key.</summary>
    Bucket,
}
