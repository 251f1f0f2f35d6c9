namespace Estream.Queue.Internal;

/// <summary>What a segment's header says about its key; the default says that it has none.</summary>
/// <param name="Generation">Of the queue key it is derived from; 0: the segment is in clear.</param>
/// <param name="Salt">Random, so that no two segments, nor two lives of one, have the same key.</param>
internal readonly record struct SegmentKey(uint Generation, UInt128 Salt);
