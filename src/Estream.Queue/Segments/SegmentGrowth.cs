namespace Estream.Queue.Internal;

/// <summary>
/// The sizes of the segments of a queue. The first one is small, each next one is four times as large, up to the size that the queue was
/// created with. A queue with few messages then occupies little space.
/// </summary>
/// <param name="FirstBytes">The size of segment 0; 0 if all segments have the same size.</param>
/// <param name="SegmentBytes">The size of the largest segments.</param>
internal readonly record struct SegmentGrowth(long FirstBytes, long SegmentBytes)
{
    private const int GrowthShift = 2;

    // From this index on, every segment has the largest size, also if the first one has 64 KiB and the largest one 1 GiB.
    private const int FirstLarge = 7;

    /// <summary>The size of a segment without its index.</summary>
    public long BytesOf(long index) =>
        FirstBytes == 0 || index >= FirstLarge ? SegmentBytes : Math.Min(SegmentBytes, FirstBytes << (int)(GrowthShift * index));

    /// <summary>The bytes of the segments before a position, and of its own segment up to it.</summary>
    public long BytesBefore(long position)
    {
        long index = position / SegmentBytes;
        long bytes = position;
        for (long small = 0; small < Math.Min(index, FirstLarge); small++)
        {
            bytes -= SegmentBytes - BytesOf(small);
        }

        return bytes;
    }
}
