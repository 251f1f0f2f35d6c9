using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>The control frame that covers the frames of one append by encryption. What its header says is open to everybody.</summary>
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

    /// <summary>The frame of the file that starts at a place or covers it; the end of the log when nothing does yet.</summary>
    /// <exception cref="EstreamCorruptionException">The segment is damaged on the way there.</exception>
    public static long Find(Segment segment, long target)
    {
        RegionSpan memory = segment.Memory;
        long offset = SegmentIndex.BeforeOffset(segment, target);
        while (offset < target)
        {
            long both = memory.ReadInt64Acquire(offset);
            int word = (int)both;
            if (word == 0 || FrameCheck.IsEndOfSegment(memory, offset, word))
            {
                break;
            }

            // Others may have appended behind a place that is claimed and not committed yet.
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
