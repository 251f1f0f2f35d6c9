using System.Buffers.Binary;
using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// A frame without a message: a single word, so it is written in one step whatever follows it, and may be as short as a word.
/// </summary>
internal static class PadFrame
{
    public static long Word(Segment segment, long stride)
    {
        int word = (int)stride | FrameLayout.ControlFlag | FrameLayout.PadFlag;
        return FrameLayout.PackLengthAndChecksum(word, segment.HasChecksums ? Checksum(segment, word) : 0);
    }

    public static bool ChecksumMatches(Segment segment, long offset, int word) =>
        !segment.HasChecksums || (uint)segment.Memory.ReadInt32(offset + FrameLayout.ChecksumOffset) == Checksum(segment, word);

    private static uint Checksum(Segment segment, int word)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, word);
        return Crc32C.Append(segment.ChecksumSeed, bytes);
    }
}
