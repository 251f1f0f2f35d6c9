namespace Estream.Queue;

/// <summary>What <see cref="EstreamQueue.ApplyRetention()"/> gave up.</summary>
/// <param name="Segments">Segments that were removed.</param>
/// <param name="Bytes">Bytes of these segments.</param>
/// <param name="FirstPosition">Where the oldest message that is kept can be.</param>
/// <param name="SegmentsBeyond">Segments that are beyond the limits and still there, since a named tailer has not passed them or somebody
/// reads them.</param>
public readonly record struct RetentionResult(int Segments, long Bytes, long FirstPosition, int SegmentsBeyond);
