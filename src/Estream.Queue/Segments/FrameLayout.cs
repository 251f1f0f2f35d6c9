using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Estream.Queue.Internal;

/// <summary>The layout of a frame and its address arithmetic; see docs/formats/queue.md.</summary>
internal static class FrameLayout
{
    public const int LengthOffset = 0;
    public const int ChecksumOffset = 4;
    public const int NumberOffset = 8;
    public const int TimeOffset = 12;
    public const int HeaderBytes = 16;

    /// <summary>Frames start at multiples of this.</summary>
    public const int Alignment = 8;

    public const int LengthMask = (1 << 28) - 1;
    public const int ControlFlag = 1 << 28;
    public const int PadFlag = 1 << 29;
    public const int ClaimFlag = 1 << 31;
    public const int EndOfSegmentKind = 1;

    /// <summary>Set in the number field of a message whose batch continues with the next frame.</summary>
    public const uint BatchFlag = 1u << 31;

    /// <summary>Nanoseconds in one unit of the time field.</summary>
    public const long TimeUnitNanos = 100_000;

    /// <summary>The distance from a frame to the next one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Stride(int frameBytes) => (frameBytes + 7L) & ~7L;

    /// <summary>The distance from a frame, a pad or a claim to the next frame, whatever flags its length word has.</summary>
    public static long StrideOfAny(int word) => Stride(word & LengthMask);

    /// <summary>Whether a length word is that of a committed message without flags.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsMessage(int word) => (uint)(word - HeaderBytes) <= LengthMask - HeaderBytes;

    /// <summary>Whether a length word is that of an aborted or reclaimed claim.</summary>
    public static bool IsPad(int word) => (word & ~LengthMask) == (ControlFlag | PadFlag) && (word & LengthMask) >= Alignment;

    /// <summary>Packs number and time into the eight bytes in which they are stored.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long PackNumberAndTime(uint number, uint time) => (long)(number | ((ulong)time << 32));

    /// <summary>Packs length and checksum into the eight bytes with which they are published.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long PackLengthAndChecksum(int word, uint checksum) => (long)((uint)word | ((ulong)checksum << 32));
}

/// <summary>The header of a frame as two values: one load or store each.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FrameHeader
{
    public long LengthAndChecksum;
    public long NumberAndTime;
}
