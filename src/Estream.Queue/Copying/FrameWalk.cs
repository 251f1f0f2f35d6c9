using System.Buffers.Binary;
using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Checks frames outside a mapped segment by the rules of the format: shapes, checksums, numbers.</summary>
internal static class FrameWalk
{
    /// <summary>Called for each frame with messages: offset in the segment, stride, number and time field.</summary>
    public delegate void FrameFound(long offset, long stride, uint number, uint time);

    /// <summary>Checks a run of frames that a segment has, or is to have, at an offset.</summary>
    /// <param name="header">The segment.</param>
    /// <param name="headerChecksum">The checksum of the segment header, with which checksums of frames begin.</param>
    /// <param name="offset">The offset of the first frame.</param>
    /// <param name="number">The number of the next message.</param>
    /// <param name="frames">The frames.</param>
    /// <param name="found">Receives each frame with messages; may be null.</param>
    /// <returns>What the run contains, or null if a frame violates the format.</returns>
    public static FrameRun? Check(in SegmentHeader header, uint headerChecksum, long offset, uint number, ReadOnlySpan<byte> frames,
        FrameFound? found = null)
    {
        long first = -1;
        (uint next, uint newest, int count) = (number, 0, 0);
        for (int at = 0; at < frames.Length;)
        {
            ReadOnlySpan<byte> rest = frames[at..];
            FrameShape shape = FrameShape.Read(header, headerChecksum, rest, header.SegmentBytes - offset - at);
            bool isInOrder = shape.Count == 0 || shape.Number >= next;
            if (shape.Kind == FrameKind.Invalid || !isInOrder)
            {
                return null;
            }

            if (shape.Kind == FrameKind.EndOfSegment)
            {
                bool isLast = rest.Length == FrameLayout.HeaderBytes && shape.Number >= next;
                return isLast ? Result(header, first, shape.Number, newest, count, isSealed: true) : null;
            }

            if (shape.Count > 0)
            {
                found?.Invoke(offset + at, shape.Stride, shape.Number, shape.Time);
                first = first < 0 ? shape.Number : first;
                next = shape.Number + (uint)shape.Count;
                newest = Math.Max(newest, shape.Time);
                count += shape.Count;
            }

            at += shape.Stride;
        }

        return Result(header, first, next, newest, count, isSealed: false);
    }

    private static FrameRun Result(in SegmentHeader header, long first, uint next, uint newest, int count, bool isSealed) => new(
        count, header.FirstSequence + (first < 0 ? next : first), header.FirstSequence + next,
        count == 0 ? 0 : header.BaseTime + (newest * FrameLayout.TimeUnitNanos), isSealed);
}

/// <summary>The kinds of frames.</summary>
internal enum FrameKind
{
    Invalid,
    Message,
    Skipped,
    EndOfSegment,
}

/// <summary>A frame as its header describes it, checked against the bytes that follow.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Stride">The bytes up to the next frame.</param>
/// <param name="Number">The number of the first message; of an end-of-segment frame, the next number.</param>
/// <param name="Count">The number of messages.</param>
/// <param name="Time">The time field of a message.</param>
internal readonly record struct FrameShape(FrameKind Kind, int Stride, uint Number, int Count, uint Time)
{
    private const int KindMask = FrameLayout.ControlFlag | FrameLayout.PadFlag;

    public static FrameShape Read(in SegmentHeader header, uint headerChecksum, ReadOnlySpan<byte> bytes, long room)
    {
        if (bytes.Length < FrameLayout.Alignment)
        {
            return default;
        }

        int word = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        long stride = FrameLayout.StrideOfAny(word);
        if (word <= 0 || (word & ~(FrameLayout.LengthMask | KindMask)) != 0 || stride == 0 || stride > bytes.Length)
        {
            return default;
        }

        int length = word & FrameLayout.LengthMask;
        if ((word & KindMask) == KindMask)
        {
            return ReadPad(header, headerChecksum, bytes, word, room);
        }

        if ((word & FrameLayout.PadFlag) != 0 || length < FrameLayout.HeaderBytes
            || !HasChecksum(header, headerChecksum, bytes[FrameLayout.NumberOffset..length], bytes))
        {
            return default;
        }

        uint number = BinaryPrimitives.ReadUInt32LittleEndian(bytes[FrameLayout.NumberOffset..]);
        uint time = BinaryPrimitives.ReadUInt32LittleEndian(bytes[FrameLayout.TimeOffset..]);
        bool leavesRoom = stride <= room - FrameLayout.HeaderBytes;
        if ((word & FrameLayout.ControlFlag) != 0)
        {
            return ReadControl(bytes[..length], (int)stride, number, time, leavesRoom);
        }

        return leavesRoom && header.Key.Generation == 0
            ? new FrameShape(FrameKind.Message, (int)stride, number & ~FrameLayout.BatchFlag, 1, time)
            : default;
    }

    /// <summary>Whether the batch of a frame continues with the next frame.</summary>
    public static bool IsContinued(int word, uint number) => FrameLayout.IsMessage(word) && (number & FrameLayout.BatchFlag) != 0;

    private static FrameShape ReadPad(in SegmentHeader header, uint headerChecksum, ReadOnlySpan<byte> bytes, int word, long room)
    {
        int stride = word & FrameLayout.LengthMask;
        bool isPad = header.Kind == ClaimKind.Shared && FrameLayout.IsPad(word) && stride % FrameLayout.Alignment == 0
            && stride <= room - FrameLayout.HeaderBytes
            && HasChecksum(header, headerChecksum, bytes[..sizeof(int)], bytes);
        return isPad ? new FrameShape(FrameKind.Skipped, stride, 0, 0, 0) : default;
    }

    private static FrameShape ReadControl(ReadOnlySpan<byte> frame, int stride, uint number, uint time, bool leavesRoom)
    {
        if (number == FrameLayout.EndOfSegmentKind && frame.Length == FrameLayout.HeaderBytes)
        {
            return new FrameShape(FrameKind.EndOfSegment, stride, time, 0, 0);
        }

        if (!leavesRoom)
        {
            return default;
        }

        if (number == BlockLayout.Kind && frame.Length >= BlockLayout.HeaderBytes + FrameLayout.HeaderBytes)
        {
            int count = BinaryPrimitives.ReadInt32LittleEndian(frame[BlockLayout.CountOffset..]);
            uint first = BinaryPrimitives.ReadUInt32LittleEndian(frame[BlockLayout.FirstNumberOffset..]);
            return count > 0 ? new FrameShape(FrameKind.Message, stride, first, count, time) : default;
        }

        return (number & ~FrameLayout.BatchFlag) == ConsumerOffsetFrame.Kind
            ? new FrameShape(FrameKind.Skipped, stride, 0, 0, 0)
            : default;
    }

    private static bool HasChecksum(in SegmentHeader header, uint headerChecksum, ReadOnlySpan<byte> covered, ReadOnlySpan<byte> frame) =>
        header.Checksum == FrameChecksum.None
        || BinaryPrimitives.ReadUInt32LittleEndian(frame[FrameLayout.ChecksumOffset..]) == Crc32C.Append(headerChecksum, covered);
}
