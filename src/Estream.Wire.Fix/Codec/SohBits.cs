using System.Runtime.Intrinsics;
using Estream.Core;

namespace Estream.Wire.Fix.Codec;

/// <summary>Where SOH stands in a message, 64 bytes together: a bit for each place, the first one lowest.</summary>
internal static class SohBits
{
    /// <summary>Places in one word of bits.</summary>
    public const int BlockLength = 64;

    private const int HalfLength = BlockLength / 2;

    /// <summary>The bits of the block that begins at a place; zeros behind the end of the message.</summary>
    public static ulong Of(ReadOnlySpan<byte> message, int block)
    {
        int rest = message.Length - block;
        if (rest >= BlockLength)
        {
            return Whole(message, block);
        }

        // The last block of a message is read together with bytes before it.
        return message.Length >= BlockLength ? Whole(message, message.Length - BlockLength) >> (BlockLength - rest) : OneByOne(message[block..]);
    }

    private static ulong Whole(ReadOnlySpan<byte> message, int block)
    {
        Vector256<byte> soh = Vector256.Create(FixText.Soh);
        uint low = Vector256.Equals(SpanValue.Read<Vector256<byte>>(message, block), soh).ExtractMostSignificantBits();
        uint high = Vector256.Equals(SpanValue.Read<Vector256<byte>>(message, block + HalfLength), soh).ExtractMostSignificantBits();
        return low | ((ulong)high << HalfLength);
    }

    /// <summary>A message of less than a block: none that does anything is as short.</summary>
    private static ulong OneByOne(ReadOnlySpan<byte> text)
    {
        ulong bits = 0;
        for (int place = 0; place < text.Length; place++)
        {
            bits |= text[place] == FixText.Soh ? 1UL << place : 0;
        }

        return bits;
    }
}
