using System.Numerics;
using System.Runtime.Intrinsics;
using Estream.Core;

namespace Estream.Wire.Fix.Codec;

/// <summary>
/// Finds the SOH bytes of a message in blocks of 64 bytes. Few branches depend on the number of matches in a block: a loop turns matches
/// into offsets eight at a time, as in simdjson (Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019). For messages
/// shorter than one block, and for processors on which the faster <see cref="MessageChunk"/> is not supported.
/// </summary>
internal static class SohPlaces
{
    /// <summary>The number of bytes that one call scans. An offset in a chunk fits in a byte.</summary>
    public const int ChunkLength = 4 * BlockLength;

    /// <summary>The required length of the output span of one call.</summary>
    public const int MaxPlaces = ChunkLength + Together;

    private const int BlockLength = 64;
    private const int Together = 8;

    /// <summary>Finds the SOH bytes in one chunk of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="chunk">The offset of the chunk.</param>
    /// <param name="places">Receives the offsets relative to the chunk in ascending order; later elements are undefined.</param>
    /// <returns>The number of offsets.</returns>
    public static int Find(ReadOnlySpan<byte> message, int chunk, Span<byte> places)
    {
        int count = 0;
        int end = Math.Min(message.Length, chunk + ChunkLength);
        for (int block = chunk; block < end; block += BlockLength)
        {
            ulong bits = Of(message, block);
            int next = count + BitOperations.PopCount(bits);
            do
            {
                Span<byte> some = places.Slice(count, Together);
                for (int place = 0; place < Together; place++)
                {
                    some[place] = (byte)(block - chunk + BitOperations.TrailingZeroCount(bits));
                    bits &= bits - 1;
                }

                count += Together;
            }
            while (bits != 0);

            count = next;
        }

        return count;
    }

    /// <summary>The match bits of the block at an offset; zeros after the end of the message.</summary>
    private static ulong Of(ReadOnlySpan<byte> message, int block)
    {
        int rest = message.Length - block;
        if (rest >= BlockLength)
        {
            return Whole(message, block);
        }

        // The last block is loaded together with bytes before it, to stay inside the message.
        return message.Length >= BlockLength
            ? Whole(message, message.Length - BlockLength) >> (BlockLength - rest)
            : OneByOne(message[block..]);
    }

    private static ulong Whole(ReadOnlySpan<byte> message, int block)
    {
        return Matches(message, block).ExtractMostSignificantBits();
    }

    private static Vector512<byte> Matches(ReadOnlySpan<byte> message, int block)
    {
        return Vector512.Equals(SpanValue.Read<Vector512<byte>>(message, block), Vector512.Create(FixText.Soh));
    }

    /// <summary>Handles a message shorter than one block. Real messages are longer.</summary>
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
