namespace Estream.Marketplace.Trust.Log;

/// <summary>How a key signs notes.</summary>
public enum NoteKeyKind
{
    /// <summary>Ed25519 over the text of the note (C2SP signed-note, type 0x01).</summary>
    Ed25519,

    /// <summary>A cosignature of a checkpoint with Ed25519 and a time (C2SP tlog-cosignature, type 0x04).</summary>
    Ed25519Cosignature,

    /// <summary>
    /// A cosignature of a checkpoint with ML-DSA-87 and a time: the message of C2SP tlog-cosignature for ML-DSA-44, signed for the context
    /// <c>estream-mkt/checkpoint/v1</c>. A log signs its own checkpoints so, as its witnesses do.
    /// </summary>
    MlDsa87Cosignature,
}
