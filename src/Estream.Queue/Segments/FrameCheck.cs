using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Whether a frame keeps the format's rules. Reading stays in bounds without it; this is where errors get their words.</summary>
internal static class FrameCheck
{
    /// <summary>Whether a frame of this length leaves room for the end-of-segment frame behind it.</summary>
    public static bool Fits(RegionSpan memory, long offset, int word) =>
        offset + FrameLayout.StrideOfAny(word) <= memory.Length - FrameLayout.HeaderBytes;

    public static bool IsEndOfSegment(RegionSpan memory, long offset, int word) =>
        word == (FrameLayout.HeaderBytes | FrameLayout.ControlFlag)
        && memory.ReadInt32(offset + FrameLayout.NumberOffset) == FrameLayout.EndOfSegmentKind;

    public static bool ChecksumMatches(Segment segment, long offset, int word)
    {
        RegionSpan memory = segment.Memory;
        ReadOnlySpan<byte> covered =
            memory.ReadOnlySpan(offset + FrameLayout.NumberOffset, (word & FrameLayout.LengthMask) - FrameLayout.NumberOffset);
        return !segment.HasChecksums
            || (uint)memory.ReadInt32(offset + FrameLayout.ChecksumOffset) == Crc32C.Append(segment.ChecksumSeed, covered);
    }

    /// <summary>Whether a word says that nothing is committed there yet. Where one writes nobody claims: bit 31 is damage there, of which
    /// <see cref="RequireMessage"/> tells.</summary>
    public static bool IsPending(Segment segment, int word) => word == 0 || (word < 0 && segment.IsShared);

    private static bool IsUnknownControl(RegionSpan memory, long offset, int word)
    {
        int frameBytes = word & FrameLayout.LengthMask;
        return (word & (FrameLayout.ControlFlag | FrameLayout.PadFlag)) == FrameLayout.ControlFlag && frameBytes >= FrameLayout.HeaderBytes
            && Fits(memory, offset, frameBytes)
            && memory.ReadInt32(offset + FrameLayout.NumberOffset) is not 0 and not FrameLayout.EndOfSegmentKind;
    }

    /// <summary>Whether there is no message here, and readers go on behind it.</summary>
    public static bool IsSkipped(Segment segment, long offset, int word) =>
        IsPad(segment, offset, word) || ConsumerOffsetFrame.Is(segment, offset, word);

    /// <summary>Whether a writer gave this place up, or it was given up in its name.</summary>
    public static bool IsPad(Segment segment, long offset, int word) =>
        segment.IsShared && FrameLayout.IsPad(word) && Fits(segment.Memory, offset, word);

    /// <summary>Whether a word with bit 31 is a claim, as far as it can be told from a message of which that bit is damaged.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="offset">Where the claim stands.</param>
    /// <param name="claim">Both halves of the claim word, loaded at once: its owner may commit it meanwhile.</param>
    public static bool IsClaim(Segment segment, long offset, long claim) =>
        CanBeClaim(segment, offset, (int)claim) && !IsMessage(segment, offset, claim);

    /// <summary>Makes sure of a claim before it is given up, or where all is verified: sums up all that is claimed.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="offset">Where the claim stands.</param>
    /// <param name="claim">Both halves of the claim word, loaded at once: its owner may commit it meanwhile.</param>
    /// <exception cref="EstreamCorruptionException">The claim covers no place that can have been claimed, or there is a message whose first
    /// word has bit 31 too much.</exception>
    public static void RequireClaim(Segment segment, long offset, long claim)
    {
        if (!IsClaim(segment, offset, claim))
        {
            throw NoClaim(segment, offset, claim);
        }
    }

    /// <summary>The same, by the length alone: for who passes a claim that may be alive, since its owner is writing there, and gives
    /// nothing up.</summary>
    /// <inheritdoc cref="RequireClaim"/>
    public static void RequireClaimShape(Segment segment, long offset, long claim)
    {
        if (!CanBeClaim(segment, offset, (int)claim))
        {
            throw NoClaim(segment, offset, claim);
        }
    }

    /// <summary>What is said of a word with bit 31 where nothing can be claimed.</summary>
    public static EstreamCorruptionException NoClaim(Segment segment, long offset, long claim) => new(
        $"'{segment.Path}' is damaged at offset {offset}: the word 0x{(int)claim:x8} is not that of a claim that can be there. Run "
        + "'estream queue verify' and restore the segment from a copy.",
        segment.Path, offset);

    /// <summary>Whether a word is that of a claim by its length.</summary>
    public static bool CanBeClaim(Segment segment, long offset, int word)
    {
        int bytes = word & FrameLayout.LengthMask;
        return (word & ~(FrameLayout.LengthMask | FrameLayout.ClaimFlag)) == 0 && bytes >= FrameLayout.HeaderBytes
            && bytes % FrameLayout.Alignment == 0
            && Fits(segment.Memory, offset, word);
    }

    // The owner's part of a claim is in the place of the checksum.
    private static bool IsMessage(Segment segment, long offset, long claim)
    {
        int bytes = (int)claim & FrameLayout.LengthMask;
        ReadOnlySpan<byte> covered = segment.Memory.ReadOnlySpan(offset + FrameLayout.NumberOffset, bytes - FrameLayout.NumberOffset);
        return segment.HasChecksums && (uint)(claim >>> 32) == Crc32C.Append(segment.ChecksumSeed, covered);
    }

    /// <summary>Whether there is a message here, or a block of them.</summary>
    public static bool HoldsMessages(Segment segment, long offset, int word) =>
        segment.IsEncrypted ? BlockFrame.Is(segment, offset, word) : FrameLayout.IsMessage(word) && Fits(segment.Memory, offset, word);

    /// <summary>The number of the message here, or of the first one of the block.</summary>
    public static uint NumberOf(Segment segment, long offset) =>
        segment.IsEncrypted
            ? BlockFrame.FirstNumber(segment.Memory, offset)
            : (uint)segment.Memory.ReadInt32(offset + FrameLayout.NumberOffset) & ~FrameLayout.BatchFlag;

    /// <summary>The number that follows.</summary>
    public static uint NumberBehind(Segment segment, long offset) =>
        NumberOf(segment, offset) + (segment.IsEncrypted ? BlockFrame.Count(segment.Memory, offset) : 1);

    /// <exception cref="EstreamCorruptionException">The frame is neither a message, nor a block of them, nor anything this version
    /// knows.</exception>
    public static void RequireMessage(Segment segment, long offset, int word)
    {
        if (HoldsMessages(segment, offset, word))
        {
            return;
        }

        bool newer = word > 0
            && ((word & ~(FrameLayout.LengthMask | FrameLayout.ControlFlag | FrameLayout.PadFlag)) != 0
                || IsUnknownControl(segment.Memory, offset, word));
        throw new EstreamCorruptionException(
            newer
                ? $"'{segment.Path}' has a frame at offset {offset} of a kind this version does not know (length word 0x{word:x8}). Read "
                    + "it with the release that wrote it."
                : $"'{segment.Path}' is damaged at offset {offset}: the length word 0x{word:x8} is not that of a frame that fits. "
                    + "Run 'estream queue verify' and restore the segment from a copy.",
            segment.Path, offset);
    }
}
