using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using Estream.Crypto.Internal.OpenSsl;

namespace Estream.Crypto.Internal;

/// <summary>
/// Hashes single blocks of SHA-256 (FIPS 180-4). Uses libcrypto if the system has it, because libcrypto uses the SHA instructions
/// of the processor, which .NET 10 does not offer. Thread-safe; allocates nothing.
/// </summary>
internal static class Sha256Block
{
    /// <summary>The number of words of the structure SHA256_CTX of libcrypto. The first eight words are the state of the hash.</summary>
    public const int StateWords = 28;

    /// <summary>The length of a block.</summary>
    public const int BlockBytes = 64;

    private const int Rounds = 64;

    /// <summary>The constants of the rounds (FIPS 180-4, 4.2.2).</summary>
    private static ReadOnlySpan<uint> Constants =>
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    /// <summary>Hashes a block.</summary>
    /// <param name="state">The state; <see cref="StateWords"/> words.</param>
    /// <param name="block">64 bytes.</param>
    public static void Compress(Span<uint> state, ReadOnlySpan<byte> block)
    {
        if (Sha256Transform.IsPresent)
        {
            Sha256Transform.Compress(state[..StateWords], block[..BlockBytes]);
        }
        else
        {
            CompressManaged(state, block);
        }
    }

    /// <summary>Hashes a block without libcrypto.</summary>
    public static void CompressManaged(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> schedule = stackalloc uint[Rounds];
        Expand(block, schedule);
        ReadOnlySpan<uint> constants = Constants;
        (uint a, uint b, uint c, uint d) = (state[0], state[1], state[2], state[3]);
        (uint e, uint f, uint g, uint h) = (state[4], state[5], state[6], state[7]);
        for (int round = 0; round < Rounds; round += 4)
        {
            uint t = h + First(e, f, g) + constants[round] + schedule[round];
            d += t;
            h = t + Second(a, b, c);
            t = g + First(d, e, f) + constants[round + 1] + schedule[round + 1];
            c += t;
            g = t + Second(h, a, b);
            t = f + First(c, d, e) + constants[round + 2] + schedule[round + 2];
            b += t;
            f = t + Second(g, h, a);
            t = e + First(b, c, d) + constants[round + 3] + schedule[round + 3];
            a += t;
            e = t + Second(f, g, h);
            (a, b, c, d, e, f, g, h) = (e, f, g, h, a, b, c, d);
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
        schedule.Clear();
    }

    private static void Expand(ReadOnlySpan<byte> block, Span<uint> schedule)
    {
        for (int word = 0; word < 16; word++)
        {
            schedule[word] = BinaryPrimitives.ReadUInt32BigEndian(block[(word * sizeof(uint))..]);
        }

        for (int word = 16; word < schedule.Length; word++)
        {
            uint early = schedule[word - 15];
            uint late = schedule[word - 2];
            schedule[word] = schedule[word - 16] + schedule[word - 7]
                + (BitOperations.RotateRight(early, 7) ^ BitOperations.RotateRight(early, 18) ^ (early >> 3))
                + (BitOperations.RotateRight(late, 17) ^ BitOperations.RotateRight(late, 19) ^ (late >> 10));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint First(uint e, uint f, uint g) =>
        (BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25)) + (g ^ (e & (f ^ g)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Second(uint a, uint b, uint c) =>
        (BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22)) + ((a & b) | (c & (a | b)));
}
