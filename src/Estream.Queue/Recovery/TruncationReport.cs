using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Says for the report what is behind the place where a log was cut: how far it goes, and how many messages are whole.</summary>
/// <param name="End">Offset behind the last thing found.</param>
/// <param name="Messages">Whole messages found.</param>
internal readonly record struct TruncationReport(long End, long Messages)
{
    // What looks like frames costs a checksum each; payloads may look like many long ones.
    private const long ChecksumsPerByte = 4;

    /// <summary>Looks at every place where a frame could start. Without checksums, where nothing can be recognised, at none.</summary>
    public static TruncationReport After(Segment segment, LogEnd end)
    {
        if (!segment.HasChecksums)
        {
            return new TruncationReport(end.Offset, 0);
        }

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

    // The frame at the cut, if what is there says how long it was.
    private static long Torn(Segment segment, long offset)
    {
        int word = segment.Memory.ReadInt32(offset);
        return FrameCheck.HoldsMessages(segment, offset, word) ? offset + FrameLayout.StrideOfAny(word) : offset;
    }
}
