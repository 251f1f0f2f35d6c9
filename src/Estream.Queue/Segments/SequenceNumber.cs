using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>The sequence number at an offset of a segment, as far as it can be found without keys.</summary>
internal static class SequenceNumber
{
    /// <summary>
    /// The number of the first message at or after an offset, by a scan of rarely more than 64 KiB. For an offset inside an encrypted
    /// block, the number of the first message of the block.
    /// </summary>
    /// <exception cref="EstreamCorruptionException">A frame read by the scan violates the format.</exception>
    public static uint At(Segment segment, long offset)
    {
        RegionSpan memory = segment.Memory;
        long walked = SegmentIndex.BeforeOffset(segment, offset);
        segment.EnsureLoaded(walked, offset - walked + BlockLayout.HeaderBytes);
        uint number = 0;
        int word;
        while (walked <= segment.Limit && (word = memory.ReadInt32Acquire(walked)) > 0)
        {
            if (FrameCheck.IsEndOfSegment(memory, walked, word))
            {
                return segment.Version == 1 ? number : (uint)memory.ReadInt32(walked + FrameLayout.TimeOffset);
            }

            long next = walked + FrameLayout.StrideOfAny(word);
            if (!FrameCheck.IsSkipped(segment, walked, word))
            {
                FrameCheck.RequireMessage(segment, walked, word);
                if (offset < next)
                {
                    return FrameCheck.NumberOf(segment, walked);
                }

                number = FrameCheck.NumberBehind(segment, walked);
            }

            walked = next;
        }

        return number;
    }
}
