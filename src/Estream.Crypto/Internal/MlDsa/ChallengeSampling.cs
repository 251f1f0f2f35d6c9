using System.Buffers.Binary;
using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Samples the challenge: a polynomial with τ coefficients of 1 or -1, and all other coefficients zero (FIPS 204, algorithm
/// 29).</summary>
/// <remarks>
/// Time and memory accesses depend on the commitment hash. In a published signature this hash is public. In a rejected attempt it is the
/// output of a hash function with unknown input, so it reveals nothing about the key.
/// </remarks>
internal static class ChallengeSampling
{
    private const int SignBytes = sizeof(ulong);

    /// <summary>Samples a challenge.</summary>
    /// <param name="parameters">The parameter set, for τ.</param>
    /// <param name="hash">The commitment hash, the first part of a signature.</param>
    /// <param name="challenge">Receives the 256 coefficients.</param>
    public static void Sample(ParameterSet parameters, ReadOnlySpan<byte> hash, Span<int> challenge)
    {
        Span<byte> block = stackalloc byte[KeccakRate.Shake256];
        KeccakSponge sponge = KeccakSponge.Shake256();
        sponge.Absorb(hash);
        sponge.Squeeze(block);
        ulong signs = BinaryPrimitives.ReadUInt64LittleEndian(block);
        int next = SignBytes;
        challenge.Clear();
        for (int last = Field.N - parameters.Tau; last < Field.N; last++)
        {
            int place;
            do
            {
                if (next == block.Length)
                {
                    sponge.Squeeze(block);
                    next = 0;
                }

                place = block[next++];
            }
            while (place > last);
            challenge[last] = challenge[place];
            challenge[place] = 1 - (2 * (int)(signs & 1));
            signs >>= 1;
        }
    }
}
