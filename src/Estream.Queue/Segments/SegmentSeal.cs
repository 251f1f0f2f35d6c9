using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Writes the end-of-segment frame. The frame says that the log continues in the next segment, and how many message numbers this
/// segment used.</summary>
internal static class SegmentSeal
{
    /// <summary>Seals a segment of an exclusive writer, or a log without other appenders.</summary>
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
    /// Seals a shared segment. Several writers may try at once with different numbers: the first word stored in the header decides, and all
    /// writers write the same frame.
    /// </summary>
    public static void Agree(Segment segment, long offset, uint number)
    {
        segment.Memory.CompareExchangeInt64(SegmentLayout.SealOffset, TailWord.Pack(number, offset), 0);
        WriteAgreed(segment);
    }

    /// <summary>Writes the end-of-segment frame if the end is decided. The writer that decided the end may have died before it wrote the
    /// frame.</summary>
    /// <returns>Whether the end is decided.</returns>
    /// <exception cref="EstreamCorruptionException">The header records an invalid end.</exception>
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
                $"'{segment.Path}' is damaged: its header gives its end as offset {offset}, where no end-of-segment frame is. Run 'estream "
                + "queue verify' and restore it from a copy.",
                segment.Path, SegmentLayout.SealOffset);
        }

        return true;
    }
}
