using System.Buffers.Binary;
using System.Numerics;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Encodes the hints of a signature: their positions in each polynomial, in ascending order, and their cumulative counts (FIPS
/// 204, algorithms 20 and 21).</summary>
internal static class HintEncoding
{
    private const ulong Ones = 0x0101_0101_0101_0101;

    /// <summary>Writes the hints.</summary>
    /// <param name="parameters">The parameter set, for the maximum number of hints.</param>
    /// <param name="hints">One byte for each coefficient of the vector, 1 or 0.</param>
    /// <param name="encoded">Receives the hints: the last part of a signature.</param>
    /// <returns>False if there are too many hints.</returns>
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

    /// <summary>Returns whether the last part of a signature is a canonical encoding of hints.</summary>
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

    /// <summary>Returns the positions of a polynomial's hints.</summary>
    /// <param name="parameters">The parameter set, for the maximum number of hints.</param>
    /// <param name="encoded">An encoding for which <see cref="IsValid"/> returns true.</param>
    /// <param name="number">The index of the polynomial.</param>
    public static ReadOnlySpan<byte> Of(ParameterSet parameters, ReadOnlySpan<byte> encoded, int number) =>
        encoded[(number == 0 ? 0 : encoded[parameters.Omega + number - 1])..encoded[parameters.Omega + number]];

    /// <summary>Computes hints from the result of <see cref="PolynomialArithmetic.Carries"/>, without a branch.</summary>
    /// <param name="hints">256 bytes written by <see cref="PolynomialArithmetic.Carries"/>; each becomes 1 or 0.</param>
    /// <param name="high">The upper parts of w.</param>
    public static void Decide(Span<byte> hints, ReadOnlySpan<byte> high)
    {
        for (int at = 0; at < Field.N; at += sizeof(ulong))
        {
            ulong found = BinaryPrimitives.ReadUInt64LittleEndian(hints[at..]);
            ulong isNotZero = (BinaryPrimitives.ReadUInt64LittleEndian(high[at..]) + (0x7F * Ones)) >> 7;
            BinaryPrimitives.WriteUInt64LittleEndian(hints[at..], (found | ((found >> 1) & isNotZero)) & Ones);
        }
    }

    // An attempt with too many hints is rejected, and its hints must stay secret: the time to count them does not depend on their
    // positions.
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
