namespace Estream.Witness;

/// <summary>What kind of log an attestation is of.</summary>
public enum OriginKind
{
    /// <summary>A queue: the leaves are its messages, and the origin's id is the queue's.</summary>
    Queue = 1,
}
