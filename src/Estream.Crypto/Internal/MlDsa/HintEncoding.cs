using System.Buffers.Binary;
using System.Numerics;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>The hints of a signature: where they are in each polynomial, in ascending order, and how many there are up to its end (FIPS
/// 204, algorithms 20 and 21).</summary>
internal static class HintEncoding
{
    private const ulong Ones = 0x0101_0101_0101_0101;

    /// <summary>Writes the hints.</summary>
    /// <param name="parameters">How many there may be.</param>
    /// <param name="hints">One byte for each coefficient of the vector, 1 or 0.</param>
    /// <param name="encoded">The end of a signature.</param>
    /// <returns>Whether there were not too many.</returns>
    public static bool TryEncode(ParameterSet parameters, ReadOnlySpan<byte> hints, Span<byte> encoded)
    {
        if (Count(hints) > parameters.Omega)
        {
            return false;
        }

        int count = 0;
        encoded.Clear();
        for (int i = 0; i < parameters.K; i++)
        {
            for (int at = 0; at < Field.N; at += sizeof(ulong))
            {
                ulong word = BinaryPrimitives.ReadUInt64LittleEndian(hints[((i * Field.N) + at)..]);
                for (; word != 0; word &= word - 1)
                {
                    encoded[count++] = (byte)(at + (BitOperations.TrailingZeroCount(word) / 8));
                }
            }

            encoded[parameters.Omega + i] = (byte)count;
        }

        return true;
    }

    /// <summary>Whether the end of a signature is an encoding of hints: the only one of those it says.</summary>
    public static bool IsValid(ParameterSet parameters, ReadOnlySpan<byte> encoded)
    {
        int count = 0;
        for (int i = 0; i < parameters.K; i++)
        {
            int end = encoded[parameters.Omega + i];
            if (end < count || end > parameters.Omega)
            {
                return false;
            }

            for (int first = count; count < end; count++)
            {
                if (count > first && encoded[count - 1] >= encoded[count])
                {
                    return false;
                }
            }
        }

        return encoded[count..parameters.Omega].IndexOfAnyExcept((byte)0) < 0;
    }

    /// <summary>The places of a polynomial's hints.</summary>
    /// <param name="parameters">How many there may be.</param>
    /// <param name="encoded">Of which <see cref="IsValid"/> is true.</param>
    /// <param name="number">The polynomial.</param>
    public static ReadOnlySpan<byte> Of(ParameterSet parameters, ReadOnlySpan<byte> encoded, int number) =>
        encoded[(number == 0 ? 0 : encoded[parameters.Omega + number - 1])..encoded[parameters.Omega + number]];

    /// <summary>Makes hints of what <see cref="PolynomialArithmetic.Carries"/> has found, without a branch.</summary>
    /// <param name="hints">256 of its bytes; becomes 1 or 0.</param>
    /// <param name="high">The upper parts.</param>
    public static void Decide(Span<byte> hints, ReadOnlySpan<byte> high)
    {
        for (int at = 0; at < Field.N; at += sizeof(ulong))
        {
            ulong found = BinaryPrimitives.ReadUInt64LittleEndian(hints[at..]);
            ulong isNotZero = (BinaryPrimitives.ReadUInt64LittleEndian(high[at..]) + (0x7F * Ones)) >> 7;
            BinaryPrimitives.WriteUInt64LittleEndian(hints[at..], (found | ((found >> 1) & isNotZero)) & Ones);
        }
    }

    // Hints that are too many are never published: counting them takes the same time wherever they are.
    private static int Count(ReadOnlySpan<byte> hints)
    {
        int count = 0;
        for (int at = 0; at < hints.Length; at += sizeof(ulong))
        {
            count += BitOperations.PopCount(BinaryPrimitives.ReadUInt64LittleEndian(hints[at..]));
        }

        return count;
    }
}
