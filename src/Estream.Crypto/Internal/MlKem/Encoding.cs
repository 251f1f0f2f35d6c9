using System.Buffers.Binary;

namespace Estream.Crypto.Internal.MlKem;

/// <summary>Encodes polynomials as bytes with 12, 11, 5 and 1 bits for a coefficient (FIPS 203, algorithms 5 and 6, and formulas 4.7 and
/// 4.8).</summary>
/// <remarks>
/// Works on whole polynomials and vectors of them. Compression computes <c>2^d / q * x</c>, rounded, by a multiplication with 2^33/q or
/// 2^20/q, which is exact for every coefficient. It avoids division, because the time of a processor's division depends on the operands.
/// </remarks>
internal static class Encoding
{
    private const ulong ReciprocalOf11 = 2_580_335;
    private const int ShiftOf11 = 33;

    private const uint Reciprocal = 315;
    private const int Shift = 20;

    /// <summary>Encodes each coefficient in twelve bits.</summary>
    /// <param name="coefficients">Coefficients from 0 to q - 1.</param>
    /// <param name="bytes">Receives three bytes for two coefficients.</param>
    public static void Encode12(ReadOnlySpan<short> coefficients, Span<byte> bytes)
    {
        for (int i = 0, at = 0; i < coefficients.Length; i += 2, at += 3)
        {
            int two = coefficients[i] + (coefficients[i + 1] << 12);
            bytes[at] = (byte)two;
            bytes[at + 1] = (byte)(two >> 8);
            bytes[at + 2] = (byte)(two >> 16);
        }
    }

    /// <summary>Decodes coefficients of twelve bits each.</summary>
    /// <returns>False if a coefficient is not below q. Nothing else affects the time.</returns>
    public static bool TryDecode12(ReadOnlySpan<byte> bytes, Span<short> coefficients)
    {
        int signs = 0;
        for (int i = 0, at = 0; i < coefficients.Length; i += 2, at += 3)
        {
            int two = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
            int first = two & 0xFFF, second = two >> 12;
            coefficients[i] = (short)first;
            coefficients[i + 1] = (short)second;
            signs |= (Parameters.Q - 1 - first) | (Parameters.Q - 1 - second);
        }

        return signs >= 0;
    }

    /// <summary>Compresses each coefficient from 0 to q - 1 to eleven bits: eleven bytes for eight coefficients.</summary>
    public static void Compress11(ReadOnlySpan<short> coefficients, Span<byte> bytes)
    {
        for (int i = 0, at = 0; i < coefficients.Length; i += 8, at += 11)
        {
            ReadOnlySpan<short> c = coefficients.Slice(i, 8);
            ulong sixth = Compress11(c[5]);
            ulong low = Compress11(c[0]) | (Compress11(c[1]) << 11) | (Compress11(c[2]) << 22) | (Compress11(c[3]) << 33)
                | (Compress11(c[4]) << 44) | (sixth << 55);
            ulong high = (sixth >> 9) | (Compress11(c[6]) << 2) | (Compress11(c[7]) << 13);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[at..], low);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[(at + 8)..], (ushort)high);
            bytes[at + 10] = (byte)(high >> 16);
        }
    }

    /// <summary>Decompresses coefficients of eleven bits each to values from 0 to q - 1.</summary>
    public static void Decompress11(ReadOnlySpan<byte> bytes, Span<short> coefficients)
    {
        for (int i = 0, at = 0; i < coefficients.Length; i += 8, at += 11)
        {
            Span<short> c = coefficients.Slice(i, 8);
            ulong low = BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
            ulong high = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 8)..]) | ((ulong)bytes[at + 10] << 16);
            c[0] = Decompress11(low);
            c[1] = Decompress11(low >> 11);
            c[2] = Decompress11(low >> 22);
            c[3] = Decompress11(low >> 33);
            c[4] = Decompress11(low >> 44);
            c[5] = Decompress11((low >> 55) | (high << 9));
            c[6] = Decompress11(high >> 2);
            c[7] = Decompress11(high >> 13);
        }
    }

    /// <summary>Compresses each coefficient from 0 to q - 1 to five bits: five bytes for eight coefficients.</summary>
    public static void Compress5(ReadOnlySpan<short> coefficients, Span<byte> bytes)
    {
        for (int i = 0, at = 0; i < coefficients.Length; i += 8, at += 5)
        {
            ulong eight = 0;
            for (int j = 0; j < 8; j++)
            {
                eight |= (ulong)(Round((uint)coefficients[i + j] << 5) & 0x1F) << (5 * j);
            }

            BinaryPrimitives.WriteUInt32LittleEndian(bytes[at..], (uint)eight);
            bytes[at + 4] = (byte)(eight >> 32);
        }
    }

    /// <summary>Decompresses coefficients of five bits each to values from 0 to q - 1.</summary>
    public static void Decompress5(ReadOnlySpan<byte> bytes, Span<short> coefficients)
    {
        for (int i = 0, at = 0; i < coefficients.Length; i += 8, at += 5)
        {
            ulong eight = BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]) | ((ulong)bytes[at + 4] << 32);
            for (int j = 0; j < 8; j++)
            {
                coefficients[i + j] = (short)(((((uint)(eight >> (5 * j)) & 0x1F) * Parameters.Q) + 16) >> 5);
            }
        }
    }

    /// <summary>Compresses each coefficient from 0 to q - 1 to one bit: whether it is closer to q/2 than to 0 or q.</summary>
    public static void CompressMessage(ReadOnlySpan<short> polynomial, Span<byte> message)
    {
        for (int at = 0; at < Parameters.SymmetricBytes; at++)
        {
            uint bits = 0;
            for (int bit = 0; bit < 8; bit++)
            {
                bits |= (Round((uint)polynomial[(8 * at) + bit] << 1) & 1) << bit;
            }

            message[at] = (byte)bits;
        }
    }

    /// <summary>Decompresses a message: q/2 for each bit that is set, otherwise 0.</summary>
    public static void DecompressMessage(ReadOnlySpan<byte> message, Span<short> polynomial)
    {
        for (int at = 0; at < Parameters.SymmetricBytes; at++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                polynomial[(8 * at) + bit] = (short)(-((message[at] >> bit) & 1) & ((Parameters.Q + 1) / 2));
            }
        }
    }

    private static ulong Compress11(short coefficient) =>
        (((((ulong)coefficient << 11) * ReciprocalOf11) + (1UL << (ShiftOf11 - 1))) >> ShiftOf11) & 0x7FF;

    private static short Decompress11(ulong bits) => (short)((((bits & 0x7FF) * Parameters.Q) + 1024) >> 11);

    private static uint Round(uint scaled) => ((scaled * Reciprocal) + (1u << (Shift - 1))) >> Shift;
}
