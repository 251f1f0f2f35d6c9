namespace Estream.Host.Runtime;

/// <summary>What a queue holds at a moment.</summary>
internal readonly record struct QueueExtent(long FirstSequence, long NextSequence, long FirstPosition, long EndPosition, long SegmentBytes)
{
    public long MessageCount => NextSequence - FirstSequence;

    /// <summary>Bytes of log between the oldest message and the end, frames included.</summary>
    public long Bytes => EndPosition - FirstPosition;

    public int SegmentCount => (int)((EndPosition / SegmentBytes) - (FirstPosition / SegmentBytes)) + 1;
}
