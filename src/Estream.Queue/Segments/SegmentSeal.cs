using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>The end-of-segment frame: where the log goes on in the next segment, and how many message numbers this one used.</summary>
internal static class SegmentSeal
{
    /// <summary>Ends a segment of one writer, or a log that nobody else appends to.</summary>
    public static void Write(Segment segment, long offset, uint number)
    {
        RegionSpan memory = segment.Memory;
        memory.WriteInt64(offset + FrameLayout.NumberOffset,
            FrameLayout.PackNumberAndTime(FrameLayout.EndOfSegmentKind, segment.Version == 1 ? 0 : number));
        uint checksum = segment.HasChecksums
            ? Crc32C.Append(segment.ChecksumSeed, memory.ReadOnlySpan(offset + FrameLayout.NumberOffset, 8))
            : 0;
        memory.WriteInt64Release(offset, FrameLayout.PackLengthAndChecksum(FrameLayout.HeaderBytes | FrameLayout.ControlFlag, checksum));
    }

    /// <summary>
    /// Ends a shared segment. Several may try at once, with different numbers: the first one's word in the header decides, and all
    /// write the same frame.
    /// </summary>
    public static void Agree(Segment segment, long offset, uint number)
    {
        segment.Memory.CompareExchangeInt64(SegmentLayout.SealOffset, TailWord.Pack(number, offset), 0);
        WriteAgreed(segment);
    }

    /// <summary>Writes the frame of an end that is settled, in case the one who settled it died before.</summary>
    /// <returns>Whether the end is settled.</returns>
    /// <exception cref="EstreamCorruptionException">It is settled where it cannot be.</exception>
    public static bool WriteAgreed(Segment segment)
    {
        long seal = segment.Memory.ReadInt64Acquire(SegmentLayout.SealOffset);
        if (seal == 0)
        {
            return false;
        }

        long offset = TailWord.Offset(seal);
        int word = offset < SegmentLayout.HeaderBytes || offset > segment.Limit ? -1 : segment.Memory.ReadInt32Acquire(offset);
        if (word == 0)
        {
            Write(segment, offset, TailWord.Number(seal));
        }
        else if (word < 0 || !FrameCheck.IsEndOfSegment(segment.Memory, offset, word))
        {
            throw new EstreamCorruptionException(
                $"'{segment.Path}' is damaged: its header says that it ends at offset {offset}, where something else is. Run 'estream "
                + "queue verify' and restore it from a copy.",
                segment.Path, SegmentLayout.SealOffset);
        }

        return true;
    }
}
