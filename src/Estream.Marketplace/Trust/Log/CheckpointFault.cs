namespace Estream.Marketplace.Trust.Log;

/// <summary>Why a checkpoint is not taken.</summary>
public enum CheckpointFault
{
    /// <summary>It is taken.</summary>
    None,

    /// <summary>It is no signed note, or its text is no checkpoint.</summary>
    Malformed,

    /// <summary>It is one of another log.</summary>
    OtherLog,

    /// <summary>A key of the log has not signed it.</summary>
    MissingSignature,

    /// <summary>A signature names a key that is known and does not verify.</summary>
    BadSignature,

    /// <summary>Fewer witnesses have cosigned it than have to.</summary>
    TooFewWitnesses,
}
