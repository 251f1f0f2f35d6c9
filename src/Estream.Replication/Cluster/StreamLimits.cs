using Estream.Queue;

namespace Estream.Replication.Internal;

/// <summary>What the brokers keep of a stream. Derived from the retention limits of its queue, with room for what is not confirmed and for
/// followers that are behind.</summary>
/// <param name="MaxLengthBytes">The bytes to keep; 0 for all.</param>
/// <param name="MaxAgeSeconds">The age to keep; 0 for all.</param>
internal readonly record struct StreamLimits(long MaxLengthBytes, long MaxAgeSeconds)
{
    // An entry with a single small message is up to four times as long as its frame.
    private const int EntryOverhead = 4;

    // Twice what a publisher has in flight by default.
    private const long InFlightBytes = 16L << 20;

    // Clocks differ, and a queue deletes whole segments.
    private const long AgeMarginSeconds = 3600;

    private const long SmallestSegment = 4L << 20;
    private const long LargestSegment = 64L << 20;

    public static StreamLimits Of(EstreamQueue queue)
    {
        long segments = (queue.Limits.Bytes / queue.SegmentBytes) + 3;
        bool hasLength = queue.Limits.Bytes > 0 && segments < long.MaxValue / 8 / EntryOverhead / queue.SegmentBytes;
        long seconds = queue.Limits.AgeNanos / 1_000_000_000;
        return new StreamLimits(
            hasLength ? (EntryOverhead * segments * queue.SegmentBytes) + InFlightBytes : 0, seconds > 0 ? seconds + AgeMarginSeconds : 0);
    }

    /// <summary>Adds the arguments with which a stream is declared.</summary>
    public void AddTo(Dictionary<string, object?> arguments)
    {
        if (MaxLengthBytes > 0)
        {
            arguments["x-max-length-bytes"] = MaxLengthBytes;
        }

        if (MaxAgeSeconds > 0)
        {
            arguments["x-max-age"] = $"{MaxAgeSeconds}s";
        }

        if (MaxLengthBytes > 0 || MaxAgeSeconds > 0)
        {
            // Brokers delete whole segments, and only when a segment is full.
            arguments["x-stream-max-segment-size-bytes"] =
                MaxLengthBytes == 0 ? LargestSegment : Math.Clamp(MaxLengthBytes / 4, SmallestSegment, LargestSegment);
        }
    }
}
