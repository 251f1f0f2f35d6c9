using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>The number that belongs to a place in a segment, as far as can be seen without keys.</summary>
internal static class SequenceNumber
{
    /// <summary>
    /// The number of the first message at or behind an offset, by a walk of seldom more than 64 KiB; inside a block that is encrypted, of
    /// the block's first.
    /// </summary>
    /// <exception cref="EstreamCorruptionException">A frame on the way contradicts the format.</exception>
    public static uint At(Segment segment, long offset)
    {
        RegionSpan memory = segment.Memory;
        long walked = SegmentIndex.BeforeOffset(segment, offset);
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
