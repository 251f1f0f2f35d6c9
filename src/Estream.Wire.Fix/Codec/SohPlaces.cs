using System.Numerics;
using System.Runtime.Intrinsics;
using Estream.Core;

namespace Estream.Wire.Fix.Codec;

/// <summary>
/// Where SOH stands in a message: 64 bytes are compared together, and the bits of that become places eight at a time, as simdjson does it
/// (Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019): hardly a branch depends on how many there are.
/// </summary>
internal static class SohPlaces
{
    /// <summary>Bytes looked at by one call.</summary>
    public const int ChunkLength = 4 * BlockLength;

    /// <summary>Room for the places of one call.</summary>
    public const int MaxPlaces = ChunkLength + Together;

    private const int BlockLength = 64;
    private const int HalfLength = BlockLength / 2;
    private const int Together = 8;

    /// <summary>Finds the places in the chunk that begins at a place.</summary>
    /// <param name="message">The message.</param>
    /// <param name="chunk">Where the chunk begins.</param>
    /// <param name="places">Takes them, rising; what is behind them means nothing.</param>
    /// <returns>How many there are.</returns>
    public static int Find(ReadOnlySpan<byte> message, int chunk, Span<int> places)
    {
        int count = 0;
        int end = Math.Min(message.Length, chunk + ChunkLength);
        for (int block = chunk; block < end; block += BlockLength)
        {
            ulong bits = Of(message, block);
            int next = count + BitOperations.PopCount(bits);
            do
            {
                Span<int> some = places.Slice(count, Together);
                for (int place = 0; place < Together; place++)
                {
                    some[place] = block + BitOperations.TrailingZeroCount(bits);
                    bits &= bits - 1;
                }

                count += Together;
            }
            while (bits != 0);

            count = next;
        }

        return count;
    }

    /// <summary>The bits of the block that begins at a place; zeros behind the end of the message.</summary>
    private static ulong Of(ReadOnlySpan<byte> message, int block)
    {
        int rest = message.Length - block;
        if (rest >= BlockLength)
        {
            return Whole(message, block);
        }

        // The last block of a message is read together with bytes before it.
        return message.Length >= BlockLength
            ? Whole(message, message.Length - BlockLength) >> (BlockLength - rest)
            : OneByOne(message[block..]);
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
