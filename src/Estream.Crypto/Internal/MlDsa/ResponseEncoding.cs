using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Encodes polynomials with coefficients from 1 - γ1 to γ1, used for sampling masks and storing responses: γ1 minus each
/// coefficient, in 18 or 20 bits.</summary>
/// <remarks>Without branches or indices that depend on coefficients.</remarks>
internal static class ResponseEncoding
{
    // A vector of eight coefficients takes 18 or 20 bytes. The load of the vector's second half reads sixteen bytes, up to seven of them
    // after the vector.
    private const int BytesBehind = 7;

    /// <summary>Reads a polynomial.</summary>
    /// <param name="parameters">The parameter set, for γ1.</param>
    /// <param name="encoded">The encoded polynomial; decoding is faster if at least seven more bytes follow.</param>
    /// <param name="polynomial">Receives the 256 coefficients.</param>
    public static void Decode(ParameterSet parameters, ReadOnlySpan<byte> encoded, Span<int> polynomial)
    {
        if (!VectorCode.IsCompiling && Avx2.IsSupported && encoded.Length >= parameters.ResponseBytes + BytesBehind)
        {
            DecodeVectors(parameters.ResponseBits, parameters.Gamma1, encoded, polynomial);
            return;
        }

        BitPacking.Unpack(encoded[..parameters.ResponseBytes], parameters.ResponseBits, polynomial);
        Complement(parameters.Gamma1, polynomial, polynomial);
    }

    /// <summary>Writes a polynomial.</summary>
    /// <param name="parameters">The parameter set, for γ1.</param>
    /// <param name="polynomial">The 256 coefficients. Overwritten with γ1 minus each.</param>
    /// <param name="encoded">Receives the encoded polynomial.</param>
    public static void Encode(ParameterSet parameters, Span<int> polynomial, Span<byte> encoded)
    {
        Complement(parameters.Gamma1, polynomial, polynomial);
        BitPacking.Pack(polynomial, parameters.ResponseBits, encoded[..parameters.ResponseBytes]);
    }

    /// <summary>Reads a polynomial, four coefficients in each half of a vector. Selects the three bytes that contain each coefficient, then
    /// shifts to its first bit. Requires AVX2.</summary>
    /// <param name="bits">The number of bits of a coefficient: 18 or 20.</param>
    /// <param name="gamma1">The parameter γ1.</param>
    /// <param name="encoded">The encoded polynomial, and the bytes that the last load reads after it.</param>
    /// <param name="polynomial">Receives the 256 coefficients.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void DecodeVectors(int bits, int gamma1, ReadOnlySpan<byte> encoded, Span<int> polynomial)
    {
        Vector256<byte> bytes = bits == 20
            ? Vector256.Create(
                (byte)0, 1, 2, 0xFF, 2, 3, 4, 0xFF, 5, 6, 7, 0xFF, 7, 8, 9, 0xFF,
                0, 1, 2, 0xFF, 2, 3, 4, 0xFF, 5, 6, 7, 0xFF, 7, 8, 9, 0xFF)
            : Vector256.Create(
                (byte)0, 1, 2, 0xFF, 2, 3, 4, 0xFF, 4, 5, 6, 0xFF, 6, 7, 8, 0xFF,
                0, 1, 2, 0xFF, 2, 3, 4, 0xFF, 4, 5, 6, 0xFF, 6, 7, 8, 0xFF);
        Vector256<uint> shifts = bits == 20 ? Vector256.Create(0u, 4, 0, 4, 0, 4, 0, 4) : Vector256.Create(0u, 2, 4, 6, 0, 2, 4, 6);
        Vector256<int> mask = Vector256.Create((1 << bits) - 1), most = Vector256.Create(gamma1);
        int half = bits / 2;
        for (int at = 0, from = 0; at < Field.N; at += Vector256<int>.Count, from += bits)
        {
            Vector256<byte> both = Vector256.Create(Vector128.Create(encoded[from..]), Vector128.Create(encoded[(from + half)..]));
            Vector256<int> values = Avx2.ShiftRightLogicalVariable(Avx2.Shuffle(both, bytes).AsInt32(), shifts) & mask;
            (most - values).CopyTo(polynomial[at..]);
        }
    }

    private static void Complement(int gamma1, ReadOnlySpan<int> from, Span<int> to)
    {
        for (int at = 0; at < Field.N; at++)
        {
            to[at] = gamma1 - from[at];
        }
    }
}
