namespace Estream.Witness;

/// <summary>What an attestation says besides the root: of which log, up to where, and when.</summary>
/// <param name="Origin">The kind of log.</param>
/// <param name="OriginId">Which log: of a queue, <see cref="Queue.EstreamQueue.Id"/>.</param>
/// <param name="FirstSequence">The number of the first message that counts: where the tree begins. Two trees of a log that begin at
/// different messages say nothing of each other.</param>
/// <param name="TreeSize">Leaves of the tree, at least 1.</param>
/// <param name="Sequence">The number of the last message that counts. As far behind the first one as there are leaves besides it, or
/// farther, since numbers may be left out and never come twice.</param>
/// <param name="Position">The position of that message.</param>
/// <param name="Time">When it was signed: nanoseconds since 1970-01-01 UTC, by the signer's clock.</param>
public readonly record struct TreeHead(OriginKind Origin, long OriginId, long FirstSequence, long TreeSize, long Sequence, long Position, long Time);
