using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Checks frames against the rules of the format. Reading stays within bounds without it; this creates the error messages.
/// </summary>
internal static class FrameCheck
{
    /// <summary>Whether a frame of this length leaves space for the end-of-segment frame after it.</summary>
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

    /// <summary>
    /// Whether a word means that nothing is committed yet. An exclusive writer makes no claims: bit 31 is damage there, which <see
    /// cref="RequireMessage"/> reports.
    /// </summary>
    public static bool IsPending(Segment segment, int word) => word == 0 || (word < 0 && segment.IsShared);

    private static bool IsUnknownControl(RegionSpan memory, long offset, int word)
    {
        int frameBytes = word & FrameLayout.LengthMask;
        return (word & (FrameLayout.ControlFlag | FrameLayout.PadFlag)) == FrameLayout.ControlFlag && frameBytes >= FrameLayout.HeaderBytes
            && Fits(memory, offset, frameBytes)
            && memory.ReadInt32(offset + FrameLayout.NumberOffset) is not 0 and not FrameLayout.EndOfSegmentKind;
    }

    /// <summary>Whether the frame is not a message and readers skip it.</summary>
    public static bool IsSkipped(Segment segment, long offset, int word) =>
        IsPad(segment, offset, word) || ConsumerOffsetFrame.Is(segment, offset, word);

    /// <summary>Whether the frame is an aborted or reclaimed claim.</summary>
    public static bool IsPad(Segment segment, long offset, int word) =>
        segment.IsShared && FrameLayout.IsPad(word) && Fits(segment.Memory, offset, word);

    /// <summary>
    /// Whether a word with bit 31 is a claim, as far as a claim can be distinguished from a message in which that bit is damaged.
    /// </summary>
    /// <param name="segment">The segment.</param>
    /// <param name="offset">The offset of the claim.</param>
    /// <param name="claim">Both halves of the claim word, loaded at once: its owner may commit meanwhile.</param>
    public static bool IsClaim(Segment segment, long offset, long claim) =>
        CanBeClaim(segment, offset, (int)claim) && !IsMessage(segment, offset, claim);

    /// <summary>
    /// Validates a claim before it is reclaimed, or in a full verification: computes the checksum over the claimed space.
    /// </summary>
    /// <param name="segment">The segment.</param>
    /// <param name="offset">The offset of the claim.</param>
    /// <param name="claim">Both halves of the claim word, loaded at once: its owner may commit meanwhile.</param>
    /// <exception cref="EstreamCorruptionException">The claim covers space that cannot have been claimed, or it is a message whose first
    /// word has bit 31 set by damage.</exception>
    public static void RequireClaim(Segment segment, long offset, long claim)
    {
        if (!IsClaim(segment, offset, claim))
        {
            throw NoClaim(segment, offset, claim);
        }
    }

    /// <summary>Validates a claim by its length only, for callers that skip a claim whose owner may be alive and still writing.</summary>
    /// <inheritdoc cref="RequireClaim"/>
    public static void RequireClaimShape(Segment segment, long offset, long claim)
    {
        if (!CanBeClaim(segment, offset, (int)claim))
        {
            throw NoClaim(segment, offset, claim);
        }
    }

    /// <summary>The error for a word with bit 31 where no claim can be.</summary>
    public static EstreamCorruptionException NoClaim(Segment segment, long offset, long claim) => new(
        $"'{segment.Path}' is damaged at offset {offset}: the word 0x{(int)claim:x8} is not a valid claim word. Run "
        + "'estream queue verify' and restore the segment from a copy.",
        segment.Path, offset);

    /// <summary>Whether a word can be a claim by its length.</summary>
    public static bool CanBeClaim(Segment segment, long offset, int word)
    {
        int bytes = word & FrameLayout.LengthMask;
        return (word & ~(FrameLayout.LengthMask | FrameLayout.ClaimFlag)) == 0 && bytes >= FrameLayout.HeaderBytes
            && bytes % FrameLayout.Alignment == 0
            && Fits(segment.Memory, offset, word);
    }

    // The owner part of a claim occupies the bytes of the checksum.
    private static bool IsMessage(Segment segment, long offset, long claim)
    {
        int bytes = (int)claim & FrameLayout.LengthMask;
        ReadOnlySpan<byte> covered = segment.Memory.ReadOnlySpan(offset + FrameLayout.NumberOffset, bytes - FrameLayout.NumberOffset);
        return segment.HasChecksums && (uint)(claim >>> 32) == Crc32C.Append(segment.ChecksumSeed, covered);
    }

    /// <summary>Whether the frame is a message, or a block of messages.</summary>
    public static bool HoldsMessages(Segment segment, long offset, int word) =>
        segment.IsEncrypted ? BlockFrame.Is(segment, offset, word) : FrameLayout.IsMessage(word) && Fits(segment.Memory, offset, word);

    /// <summary>The number of the message, or of the first message of the block.</summary>
    public static uint NumberOf(Segment segment, long offset) =>
        segment.IsEncrypted
            ? BlockFrame.FirstNumber(segment.Memory, offset)
            : (uint)segment.Memory.ReadInt32(offset + FrameLayout.NumberOffset) & ~FrameLayout.BatchFlag;

    /// <summary>The number after the message, or after the last message of the block.</summary>
    public static uint NumberBehind(Segment segment, long offset) =>
        NumberOf(segment, offset) + (segment.IsEncrypted ? BlockFrame.Count(segment.Memory, offset) : 1);

    /// <exception cref="EstreamCorruptionException">The frame is not a message, a block of messages, or any other known frame.</exception>
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
                : $"'{segment.Path}' is damaged at offset {offset}: the length word 0x{word:x8} is not the length of a frame that fits. "
                    + "Run 'estream queue verify' and restore the segment from a copy.",
            segment.Path, offset);
    }
}
