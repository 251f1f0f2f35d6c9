using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Internal.MlKem;

/// <summary>Samples polynomials of small secret coefficients, from -2 to 2 (FIPS 203, algorithm 8 with η = 2, from SHAKE256).</summary>
/// <remarks>No branch and no array index depends on the seed. Every stack buffer with data derived from the seed is overwritten.</remarks>
internal static class NoiseSampling
{
    private const int NoiseBytes = 2 * Parameters.N / 4;

    private const ulong EverySecondBit = 0x5555_5555_5555_5555;

    private const ulong EverySecondPair = 0x3333_3333_3333_3333;

    /// <summary>Samples the polynomials 0 to 7 of a seed.</summary>
    /// <param name="seed">32 secret bytes.</param>
    /// <param name="polynomials">Receives the eight polynomials, concatenated.</param>
    public static void SampleEight(ReadOnlySpan<byte> seed, Span<short> polynomials)
    {
        Span<ulong> state = stackalloc ulong[KeccakX8.StateWords];
        Span<byte> buffer = stackalloc byte[NoiseBytes];
        Span<byte> input = buffer[..(Parameters.SymmetricBytes + 1)];
        var sponge = new KeccakX8(state, KeccakRate.Shake256, KeccakRate.ShakeSuffix);
        seed.CopyTo(input);
        for (int lane = 0; lane < KeccakX8.Lanes; lane++)
        {
            input[^1] = (byte)lane;
            sponge.AbsorbLast(lane, input);
        }

        sponge.Permute();
        for (int lane = 0; lane < KeccakX8.Lanes; lane++)
        {
            sponge.ReadBlock(lane, buffer);
            ToCoefficients(buffer, polynomials.Slice(lane * Parameters.N, Parameters.N));
        }

        Secret.Clear(state);
        Secret.Clear(buffer);
    }

    /// <summary>Samples one polynomial of a seed.</summary>
    /// <param name="seed">32 secret bytes.</param>
    /// <param name="number">The number of the polynomial.</param>
    /// <param name="polynomial">Receives the 256 coefficients.</param>
    public static void Sample(ReadOnlySpan<byte> seed, byte number, Span<short> polynomial)
    {
        Span<byte> buffer = stackalloc byte[NoiseBytes];
        KeccakSponge sponge = KeccakSponge.Shake256();
        sponge.Absorb(seed);
        sponge.Absorb([number]);
        sponge.Squeeze(buffer);
        ToCoefficients(buffer, polynomial);
        sponge.Clear();
        Secret.Clear(buffer);
    }

    // A coefficient is computed from four bits: the sum of the first two bits minus the sum of the last two bits.
    private static void ToCoefficients(ReadOnlySpan<byte> noise, Span<short> coefficients)
    {
        for (int at = 0; at < noise.Length; at += sizeof(ulong))
        {
            ulong bits = BinaryPrimitives.ReadUInt64LittleEndian(noise[at..]);
            ulong sums = (bits & EverySecondBit) + ((bits >> 1) & EverySecondBit);
            ulong plusThree = (sums & EverySecondPair) + EverySecondPair - ((sums >> 2) & EverySecondPair);
            Spread(plusThree, coefficients.Slice(2 * at, 16));
        }
    }

    // Spreads the four bits of each of sixteen coefficients.
    private static void Spread(ulong plusThree, Span<short> coefficients)
    {
        if (Avx2.IsSupported)
        {
            Vector256<int> bytes = Avx2.ConvertToVector256Int32(Vector128.CreateScalarUnsafe(plusThree).AsByte());
            Vector256<int> pairs = (bytes & Vector256.Create(0x0F)) | ((bytes & Vector256.Create(0xF0)) << 12);
            (pairs.AsInt16() - Vector256.Create((short)3)).CopyTo(coefficients);
            return;
        }

        for (int i = 0; i < coefficients.Length; i++)
        {
            coefficients[i] = (short)((int)((plusThree >> (4 * i)) & 0xF) - 3);
        }
    }
}
