namespace Estream.Queue;

/// <summary>How far a named reader has consumed another queue, as the last of its batches in this queue says: see
/// <see cref="EstreamQueue.FindConsumed"/>.</summary>
/// <param name="Position">The position in the other queue behind what was consumed.</param>
/// <param name="MessagesBehind">Messages that this queue has behind that batch: somebody else's.</param>
public readonly record struct ConsumedMark(long Position, long MessagesBehind);
