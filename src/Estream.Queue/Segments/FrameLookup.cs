using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Whether the log comes to a place of a segment. A whole frame does not say so: what a recovery cut off stays where it was, behind the
/// end-of-segment frame, and the payload of a message may look like a frame.
/// </summary>
internal static class FrameLookup
{
    /// <summary>Whether a walk meets a frame, or the end, at an offset. Begins at the frame that the index names before it: seldom more
    /// than 64 KiB.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="target">The offset.</param>
    /// <param name="isWhole">Whether a frame was seen there that checks by itself: then it is believed where a walk gets no
    /// further.</param>
    /// <exception cref="EstreamCorruptionException">A frame before the offset contradicts the format, and none at it checks.</exception>
    public static bool IsReached(Segment segment, long target, bool isWhole)
    {
        RegionSpan memory = segment.Memory;

        // Without checksums a damaged index could lead to what only looks like frames.
        long offset = segment.HasChecksums ? SegmentIndex.BeforeOffset(segment, target) : SegmentLayout.HeaderBytes;
        while (offset < target)
        {
            long both = memory.ReadInt64Acquire(offset);
            int word = (int)both;
            if (FrameCheck.IsEndOfSegment(memory, offset, word))
            {
                return false;
            }

            if (word == 0)
            {
                // Of one writer that is the end. Several may have appended behind a place of which nothing is told yet.
                return isWhole && segment.IsShared && IsClaimed(segment, target);
            }

            if (!IsPassable(segment, offset, word))
            {
                if (!isWhole)
                {
                    RequirePassable(segment, offset, both);
                }

                // What is damaged is no end: a message behind it is still one.
                return !segment.IsShared || IsClaimed(segment, target);
            }

            offset += FrameLayout.StrideOfAny(word);
        }

        return offset == target;
    }

    private static bool IsPassable(Segment segment, long offset, int word) =>
        word < 0 && segment.IsShared ? FrameCheck.CanBeClaim(segment, offset, word) : FrameCheck.HoldsMessages(segment, offset, word)
            || FrameCheck.IsSkipped(segment, offset, word);

    private static void RequirePassable(Segment segment, long offset, long both)
    {
        if ((int)both < 0 && segment.IsShared)
        {
            FrameCheck.RequireClaimShape(segment, offset, both);
        }

        FrameCheck.RequireMessage(segment, offset, (int)both);
    }

    // By what the header says. Only where a walk does not get there: after a power cut it may be older than the messages.
    private static bool IsClaimed(Segment segment, long target)
    {
        long seal = segment.Memory.ReadInt64Acquire(SegmentLayout.SealOffset);
        long end = seal == 0 ? TailWord.Offset(segment.Memory.ReadInt64Acquire(SegmentLayout.TailOffset)) : TailWord.Offset(seal);
        return target < end;
    }
}
