using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Checks whether the log contains a frame at an offset of a segment. A valid frame alone does not prove it: truncated frames stay after
/// the end-of-segment frame, and the payload of a message may look like a frame.
/// </summary>
internal static class FrameLookup
{
    /// <summary>
    /// Whether a scan reaches a frame, or the end, at an offset. Starts at the frame that the index names before it: rarely more than 64
    /// KiB.
    /// </summary>
    /// <param name="segment">The segment.</param>
    /// <param name="target">The offset.</param>
    /// <param name="isWhole">Whether a frame with a valid checksum was seen there; it is then accepted if a scan cannot get
    /// further.</param>
    /// <exception cref="EstreamCorruptionException">A frame before the offset violates the format, and the frame at the offset is not
    /// valid.</exception>
    public static bool IsReached(Segment segment, long target, bool isWhole)
    {
        RegionSpan memory = segment.Memory;

        // Without checksums a damaged index could lead to bytes that only look like frames.
        long offset = segment.HasChecksums ? SegmentIndex.BeforeOffset(segment, target) : SegmentLayout.HeaderBytes;
        segment.EnsureLoaded(offset, target - offset + BlockLayout.HeaderBytes);
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
                // With an exclusive writer, a zero word is the end of the log. With several writers, other writers may have appended after
                // a claim that is not committed.
                return isWhole && segment.IsShared && IsClaimed(segment, target);
            }

            if (!IsPassable(segment, offset, word))
            {
                if (!isWhole)
                {
                    RequirePassable(segment, offset, both);
                }

                // Damage does not end the log: a message after it is still a message.
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

    // Whether an offset is before the end that the header records. Used only if a scan does not reach the offset: after a power cut the
    // header may be older than the messages.
    private static bool IsClaimed(Segment segment, long target)
    {
        long seal = segment.Memory.ReadInt64Acquire(SegmentLayout.SealOffset);
        long end = seal == 0 ? TailWord.Offset(segment.Memory.ReadInt64Acquire(SegmentLayout.TailOffset)) : TailWord.Offset(seal);
        return target < end;
    }
}
