using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// The index after the frames of a segment, with which a message is found without a scan from the start. For each 64 KiB boundary it has an
/// entry for a frame that starts before the boundary and was claimed across it. Entries are hints: an entry is used only if the frame it
/// names exists.
/// </summary>
internal static class SegmentIndex
{
    private const int NumberOffset = 4;
    private const int TimeOffset = 8;
    private const int CheckOffset = 12;

    /// <summary>The first boundary after an offset.</summary>
    public static long NextBoundary(long offset) => (offset / SegmentLayout.IndexStrideBytes * SegmentLayout.IndexStrideBytes)
        + SegmentLayout.IndexStrideBytes;

    /// <summary>Records a frame for every boundary that it crosses.</summary>
    public static void Note(Segment segment, long offset, long stride, uint number, uint time)
    {
        for (long boundary = NextBoundary(offset); boundary <= offset + stride; boundary += SegmentLayout.IndexStrideBytes)
        {
            RegionSpan entry = Entry(segment, boundary);
            entry.WriteInt32(0, (int)(offset / FrameLayout.Alignment));
            entry.WriteInt32(NumberOffset, (int)number);
            entry.WriteInt32(TimeOffset, (int)time);
            entry.WriteInt32(CheckOffset, (int)Check(segment, entry));
        }
    }

    /// <summary>An offset from which a scan reaches the message with a number, or its place: rarely more than 64 KiB before it.</summary>
    public static long BeforeNumber(Segment segment, uint number) => Search(segment, entry => entry.Number <= number);

    /// <summary>An offset from which a scan reaches the first message that is not older than a time.</summary>
    public static long BeforeTime(Segment segment, long time) => Search(segment, entry => entry.Time < time);

    /// <summary>The offset of a frame at or before another offset: rarely more than 64 KiB before it.</summary>
    public static long BeforeOffset(Segment segment, long target)
    {
        long highest = Math.Min(target, segment.IndexArea.Length == 0 ? 0 : segment.Memory.Length) / SegmentLayout.IndexStrideBytes;
        for (long boundary = highest * SegmentLayout.IndexStrideBytes; boundary > 0; boundary -= SegmentLayout.IndexStrideBytes)
        {
            if (TryRead(segment, boundary) is { } frame)
            {
                return frame.Offset;
            }
        }

        return SegmentLayout.HeaderBytes;
    }

    /// <summary>Returns the newest time of the messages that the index names and of the messages after the last of these; the time of the
    /// segment if the segment has no messages. Reads one message per 64 KiB, and the last 64 KiB.</summary>
    public static long NewestTime(Segment segment)
    {
        long newest = segment.BaseTime;
        long offset = SegmentLayout.HeaderBytes;
        long highest = segment.IndexArea.Length == 0 ? 0 : segment.Memory.Length;
        for (long boundary = SegmentLayout.IndexStrideBytes; boundary <= highest; boundary += SegmentLayout.IndexStrideBytes)
        {
            if (TryRead(segment, boundary) is { } frame)
            {
                (newest, offset) = (Math.Max(newest, frame.Time), frame.Offset);
            }
        }

        RegionSpan memory = segment.Memory;
        while (offset <= segment.Limit)
        {
            segment.EnsureLoaded(offset, BlockLayout.HeaderBytes);
            int word = memory.ReadInt32Acquire(offset);
            if (word <= 0 || FrameLayout.StrideOfAny(word) == 0)
            {
                break;
            }

            newest = FrameCheck.HoldsMessages(segment, offset, word)
                ? Math.Max(newest, segment.BaseTime + (TimeOf(memory, offset) * FrameLayout.TimeUnitNanos))
                : newest;
            offset += FrameLayout.StrideOfAny(word);
        }

        return newest;
    }

    /// <summary>
    /// Restores missing entries and deletes those after the end; for a writer that opens a segment after a crash of the machine.
    /// </summary>
    /// <param name="segment">A segment without appenders.</param>
    /// <param name="end">The end of its frames.</param>
    public static void Complete(Segment segment, long end)
    {
        if (segment.IndexArea.Length == 0)
        {
            return;
        }

        ForgetBehind(segment, end);
        if (AllHold(segment, end))
        {
            return;
        }

        RegionSpan memory = segment.Memory;
        for (long offset = SegmentLayout.HeaderBytes; offset < end;)
        {
            int word = memory.ReadInt32Acquire(offset);
            long stride = FrameLayout.StrideOfAny(word);
            if (word <= 0 || stride == 0)
            {
                return;
            }

            if (FrameCheck.HoldsMessages(segment, offset, word))
            {
                Note(segment, offset, stride, FrameCheck.NumberOf(segment, offset), TimeOf(memory, offset));
            }

            offset += stride;
        }
    }

    // Truncated frames may still be valid: a reader that follows the index there would return them, and wait for a successor that never
    // arrives.
    private static void ForgetBehind(Segment segment, long end)
    {
        for (long boundary = NextBoundary(end); boundary <= segment.Memory.Length; boundary += SegmentLayout.IndexStrideBytes)
        {
            RegionSpan entry = Entry(segment, boundary);
            if (entry.ReadInt32(0) != 0)
            {
                entry.WriteInt32(0, 0);
            }
        }
    }

    private static bool AllHold(Segment segment, long end)
    {
        for (long boundary = SegmentLayout.IndexStrideBytes; boundary <= end; boundary += SegmentLayout.IndexStrideBytes)
        {
            if (TryRead(segment, boundary) is null)
            {
                return false;
            }
        }

        return true;
    }

    private static long Search(Segment segment, Func<FoundFrame, bool> isBefore)
    {
        long best = SegmentLayout.HeaderBytes;
        long low = 1;
        long high = segment.IndexArea.Length == 0 ? 0 : segment.Memory.Length / SegmentLayout.IndexStrideBytes;
        while (low <= high)
        {
            long middle = (low + high) / 2;
            long probe = middle;
            FoundFrame? frame = null;
            while (probe >= low && (frame = TryRead(segment, probe * SegmentLayout.IndexStrideBytes)) is null)
            {
                probe--;
            }

            if (frame is null)
            {
                // Nothing is known about the lower half; entries of the upper half may still help.
                low = middle + 1;
            }
            else if (isBefore(frame.Value))
            {
                best = frame.Value.Offset;
                low = middle + 1;
            }
            else
            {
                high = probe - 1;
            }
        }

        return best;
    }

    private static FoundFrame? TryRead(Segment segment, long boundary)
    {
        RegionSpan entry = Entry(segment, boundary);
        RegionSpan memory = segment.Memory;
        long offset = (long)(uint)entry.ReadInt32(0) * FrameLayout.Alignment;
        uint number = (uint)entry.ReadInt32(NumberOffset);
        if ((uint)entry.ReadInt32(CheckOffset) != Check(segment, entry) || offset < SegmentLayout.HeaderBytes || offset >= boundary)
        {
            return null;
        }

        segment.EnsureLoaded(offset, BlockLayout.HeaderBytes);
        int word = memory.ReadInt32Acquire(offset);
        segment.EnsureLoaded(offset, FrameLayout.StrideOfAny(word));
        bool isThere = FrameCheck.HoldsMessages(segment, offset, word) && FrameCheck.NumberOf(segment, offset) == number
            && FrameCheck.ChecksumMatches(segment, offset, word);
        return isThere ? new FoundFrame(offset, number, segment.BaseTime + (TimeOf(memory, offset) * FrameLayout.TimeUnitNanos)) : null;
    }

    private static RegionSpan Entry(Segment segment, long boundary)
    {
        long offset = ((boundary / SegmentLayout.IndexStrideBytes) - 1) * SegmentLayout.IndexEntryBytes;
        segment.EnsureLoaded(segment.Memory.Length + offset, SegmentLayout.IndexEntryBytes);
        return segment.IndexArea.Slice(offset, SegmentLayout.IndexEntryBytes);
    }

    private static uint Check(Segment segment, RegionSpan entry) => Crc32C.Append(segment.ChecksumSeed, entry.ReadOnlySpan(0, CheckOffset));

    private static uint TimeOf(RegionSpan memory, long offset) => (uint)memory.ReadInt32(offset + FrameLayout.TimeOffset);

    private readonly record struct FoundFrame(long Offset, uint Number, long Time);
}
