using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Counts what recovery truncated, for the report.</summary>
/// <param name="End">The offset after the last data found.</param>
/// <param name="Messages">The number of valid messages found.</param>
internal readonly record struct TruncationReport(long End, long Messages)
{
    // Limits the cost: any bytes that look like a frame cost a checksum, and payloads may look like many long frames.
    private const long ChecksumsPerByte = 4;

    /// <summary>
    /// Checks every offset at which a frame could start. Without checksums no frame can be recognized, so it checks none.
    /// </summary>
    public static TruncationReport After(Segment segment, LogEnd end)
    {
        if (!segment.HasChecksums)
        {
            return new TruncationReport(end.Offset, 0);
        }

        segment.EnsureLoaded(0, segment.Region.Length);
        RegionSpan memory = segment.Memory;
        var count = new TruncationReport(Torn(segment, end.Offset), 0);
        long budget = ChecksumsPerByte * memory.Length;
        for (long offset = end.Offset; offset <= segment.Limit && budget > 0;)
        {
            int word = memory.ReadInt32(offset);
            long stride = FrameLayout.StrideOfAny(word);
            bool couldBe = FrameCheck.HoldsMessages(segment, offset, word) && FrameCheck.NumberOf(segment, offset) >= end.Number;
            budget -= couldBe ? stride : 0;
            if (couldBe && FrameCheck.ChecksumMatches(segment, offset, word))
            {
                count = new TruncationReport(Math.Max(count.End, offset + stride),
                    count.Messages + FrameCheck.NumberBehind(segment, offset) - FrameCheck.NumberOf(segment, offset));
                offset += stride;
            }
            else
            {
                offset += FrameLayout.Alignment;
            }
        }

        return count;
    }

    // The frame at the truncation point, if its length is known.
    private static long Torn(Segment segment, long offset)
    {
        int word = segment.Memory.ReadInt32(offset);
        return FrameCheck.HoldsMessages(segment, offset, word) ? offset + FrameLayout.StrideOfAny(word) : offset;
    }
}
