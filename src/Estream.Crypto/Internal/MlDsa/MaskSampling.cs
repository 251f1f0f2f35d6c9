using System.Buffers.Binary;
using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Samples the masks of a signing attempt (FIPS 204, algorithm 34), all polynomials at once.</summary>
/// <remarks>Without branches or indices that depend on the seed. Works in the caller's memory; the caller clears it.</remarks>
internal static class MaskSampling
{
    /// <summary>The number of blocks of a polynomial, with 18 and with 20 bits for a coefficient.</summary>
    private const int Blocks = 5;

    /// <summary>The size of the working memory, in bytes.</summary>
    public const int BufferBytes = KeccakX8.Lanes * LaneBytes;

    private const int LaneBytes = Blocks * KeccakRate.Shake256;

    /// <summary>Samples the vector.</summary>
    /// <param name="parameters">The parameter set, for the number of polynomials and γ1.</param>
    /// <param name="seed">64 secret bytes, followed by two bytes that this method overwrites.</param>
    /// <param name="first">The number of the first polynomial.</param>
    /// <param name="state">Working memory of <see cref="KeccakX8.StateWords"/> words.</param>
    /// <param name="buffer">Working memory of <see cref="BufferBytes"/> bytes.</param>
    /// <param name="masks">Receives the coefficients, from 1 - γ1 to γ1.</param>
    public static void Sample(ParameterSet parameters, Span<byte> seed, int first, Span<ulong> state, Span<byte> buffer, Span<int> masks)
    {
        state.Clear();
        var sponge = new KeccakX8(state, KeccakRate.Shake256, KeccakRate.ShakeSuffix);
        for (int lane = 0; lane < parameters.L; lane++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(seed[ParameterSet.HashBytes..], (ushort)(first + lane));
            sponge.AbsorbLast(lane, seed);
        }

        for (int block = 0; block < Blocks; block++)
        {
            sponge.Permute();
            for (int lane = 0; lane < parameters.L; lane++)
            {
                sponge.ReadBlock(lane, buffer.Slice((lane * LaneBytes) + (block * KeccakRate.Shake256), KeccakRate.Shake256));
            }
        }

        for (int lane = 0; lane < parameters.L; lane++)
        {
            ResponseEncoding.Decode(parameters, buffer[(lane * LaneBytes)..], masks.Slice(lane * Field.N, Field.N));
        }
    }
}
