using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Estream.Core;

namespace Estream.Wire.Fix.Codec;

/// <summary>
/// Finds the SOH bytes of a message in blocks of 64 bytes. Few branches depend on the number of matches in a block: with AVX-512 VBMI2, one
/// instruction turns all matches into offsets. On other processors, a loop does so eight at a time, as in simdjson (Langdale and Lemire,
/// "Parsing gigabytes of JSON per second", 2019).
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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Find(ReadOnlySpan<byte> message, int chunk, Span<byte> places)
    {
        return Avx512Vbmi2.IsSupported && message.Length >= BlockLength
            ? FindByCompress(message, chunk, places)
            : FindByBits(message, chunk, places);
    }

    /// <summary>Returns the same as <see cref="Find"/>, without AVX-512 VBMI2.</summary>
    public static int FindByBits(ReadOnlySpan<byte> message, int chunk, Span<byte> places)
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

    private static int FindByCompress(ReadOnlySpan<byte> message, int chunk, Span<byte> places)
    {
        int count = 0;
        int end = Math.Min(message.Length, chunk + ChunkLength);
        int block = chunk;
        for (; block <= end - BlockLength; block += BlockLength)
        {
            count += Compress(Matches(message, block), block - chunk, places, count);
        }

        if (block < end)
        {
            // The last load starts earlier, to stay inside the message. The mask leaves out the bytes before the block.
            int from = end - BlockLength;
            Vector512<byte> isInBlock = Vector512.GreaterThanOrEqual(Vector512<byte>.Indices, Vector512.Create((byte)(block - from)));
            count += Compress(Matches(message, from) & isInBlock, from - chunk, places, count);
        }

        return count;
    }

    /// <summary>Writes the offsets of matches in a chunk.</summary>
    /// <returns>The number of matches.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Compress(Vector512<byte> matches, int offset, Span<byte> places, int count)
    {
        Vector512<byte> offsets = Vector512<byte>.Indices + Vector512.Create((byte)offset);
        SpanValue.Write(places, count, Avx512Vbmi2.Compress(Vector512<byte>.Zero, matches, offsets));
        return BitOperations.PopCount(matches.ExtractMostSignificantBits());
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
