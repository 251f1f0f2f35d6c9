using System.Buffers.Binary;
using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Samples the secret polynomials of a key, with coefficients from -η to η (FIPS 204, algorithms 31 and 33).</summary>
/// <remarks>
/// Rejection sampling: time and write positions depend on which candidates are rejected. Rejections are independent of the accepted values.
/// Time and memory accesses depend on the seed in no other way. Overwrites everything derived from the seed on the stack.
/// </remarks>
internal static class SecretSampling
{
    private const int BlockCandidates = 2 * KeccakRate.Shake256;

    // Before each block a lane has at most 255 coefficients.
    private const int LaneBuffer = Field.N + BlockCandidates;

    /// <summary>Samples both vectors.</summary>
    /// <param name="parameters">The parameter set, for the number of polynomials and η.</param>
    /// <param name="seed">64 secret bytes.</param>
    /// <param name="secrets">Receives the polynomials of s1, followed by the polynomials of s2.</param>
    public static void Sample(ParameterSet parameters, ReadOnlySpan<byte> seed, Span<int> secrets)
    {
        Span<ulong> state = stackalloc ulong[KeccakX8.StateWords];
        Span<int> buffer = stackalloc int[KeccakX8.Lanes * LaneBuffer];
        Span<byte> input = stackalloc byte[ParameterSet.HashBytes + 2];
        seed.CopyTo(input);
        int polynomials = parameters.K + parameters.L;
        for (int first = 0; first < polynomials; first += KeccakX8.Lanes)
        {
            state.Clear();
            var sponge = new KeccakX8(state, KeccakRate.Shake256, KeccakRate.ShakeSuffix);
            int lanes = Math.Min(KeccakX8.Lanes, polynomials - first);
            for (int lane = 0; lane < lanes; lane++)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(input[ParameterSet.HashBytes..], (ushort)(first + lane));
                sponge.AbsorbLast(lane, input);
            }

            SampleLanes(sponge, lanes, parameters.Eta, buffer);
            for (int lane = 0; lane < lanes; lane++)
            {
                buffer.Slice(lane * LaneBuffer, Field.N).CopyTo(secrets[((first + lane) * Field.N)..]);
            }
        }

        Secret.Clear(state);
        Secret.Clear(buffer);
        Secret.Clear(input);
    }

    private static void SampleLanes(KeccakX8 sponge, int lanes, int eta, Span<int> buffer)
    {
        Span<byte> block = stackalloc byte[KeccakRate.Shake256];
        Span<int> counts = stackalloc int[KeccakX8.Lanes];
        bool isShort;
        do
        {
            sponge.Permute();
            isShort = false;
            for (int lane = 0; lane < lanes; lane++)
            {
                if (counts[lane] < Field.N)
                {
                    sponge.ReadBlock(lane, block);
                    Span<int> rest = buffer.Slice((lane * LaneBuffer) + counts[lane], BlockCandidates);
                    counts[lane] += eta == 2 ? AcceptTwo(block, rest) : AcceptFour(block, rest);
                    isShort |= counts[lane] < Field.N;
                }
            }
        }
        while (isShort);
        Secret.Clear(block);
    }

    // Writes every candidate at the position of the next coefficient, and counts the candidate if accepted.
    private static int AcceptTwo(ReadOnlySpan<byte> block, Span<int> coefficients)
    {
        int count = 0;
        foreach (byte two in block)
        {
            int first = two & 0xF, second = two >> 4;
            coefficients[count] = 2 - ModuloFive(first);
            count += (first - 15) >>> 31;
            coefficients[count] = 2 - ModuloFive(second);
            count += (second - 15) >>> 31;
        }

        return count;
    }

    private static int AcceptFour(ReadOnlySpan<byte> block, Span<int> coefficients)
    {
        int count = 0;
        foreach (byte two in block)
        {
            int first = two & 0xF, second = two >> 4;
            coefficients[count] = 4 - first;
            count += (first - 9) >>> 31;
            coefficients[count] = 4 - second;
            count += (second - 9) >>> 31;
        }

        return count;
    }

    // Correct for four-bit values; avoids a division.
    private static int ModuloFive(int value) => value - ((value * 205 >> 10) * 5);
}
