using System.Buffers.Binary;
using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>The challenge: a polynomial with τ coefficients of 1 or -1, and zeroes (FIPS 204, algorithm 29).</summary>
/// <remarks>
/// Time and memory accesses depend on the hash it is made of. That is public in a signature; that of an attempt which was refused is the
/// output of a hash nobody knows the input of, and tells nothing of the key.
/// </remarks>
internal static class ChallengeSampling
{
    private const int SignBytes = sizeof(ulong);

    /// <summary>Samples it.</summary>
    /// <param name="parameters">Its τ.</param>
    /// <param name="hash">The hash that a signature begins with.</param>
    /// <param name="challenge">256 coefficients.</param>
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
