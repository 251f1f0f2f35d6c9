using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>The control frame that contains the encrypted frames of one append. Its header is not secret.</summary>
internal static class BlockFrame
{
    public static bool Is(Segment segment, long offset, int word) =>
        segment.IsEncrypted && (word & ~FrameLayout.LengthMask) == FrameLayout.ControlFlag
        && (word & FrameLayout.LengthMask) >= BlockLayout.HeaderBytes + FrameLayout.HeaderBytes
        && FrameCheck.Fits(segment.Memory, offset, word)
        && (uint)segment.Memory.ReadInt32(offset + FrameLayout.NumberOffset) == BlockLayout.Kind;

    public static uint FirstNumber(RegionSpan memory, long offset) => (uint)memory.ReadInt32(offset + BlockLayout.FirstNumberOffset);

    public static uint Count(RegionSpan memory, long offset) => (uint)memory.ReadInt32(offset + BlockLayout.CountOffset);

    public static int InnerBytes(int word) => (word & FrameLayout.LengthMask) - BlockLayout.HeaderBytes;

    /// <summary>The frame of the file that starts at or covers an offset; the end of the log if there is none yet.</summary>
    /// <exception cref="EstreamCorruptionException">The segment is damaged before the offset.</exception>
    public static long Find(Segment segment, long target)
    {
        RegionSpan memory = segment.Memory;
        long offset = SegmentIndex.BeforeOffset(segment, target);
        segment.EnsureLoaded(offset, target - offset + BlockLayout.HeaderBytes);
        while (offset < target)
        {
            long both = memory.ReadInt64Acquire(offset);
            int word = (int)both;
            if (word == 0 || FrameCheck.IsEndOfSegment(memory, offset, word))
            {
                break;
            }

            // Other writers may have appended after a claim that is not committed yet.
            if (word < 0 && segment.IsShared)
            {
                FrameCheck.RequireClaimShape(segment, offset, both);
            }
            else if (!FrameCheck.IsSkipped(segment, offset, word))
            {
                FrameCheck.RequireMessage(segment, offset, word);
            }

            long next = offset + FrameLayout.StrideOfAny(word);
            if (target < next)
            {
                break;
            }

            offset = next;
        }

        return offset;
    }
}
