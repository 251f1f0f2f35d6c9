using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Estream.Crypto.Internal;

/// <summary>
/// Computes HMAC-SHA256 (RFC 2104, FIPS 180-4) of short texts with one key. The two states after the blocks of the key are computed once,
/// so a text of up to 55 bytes costs two blocks. .NET's HMACSHA256 creates an OpenSSL context for each text, which takes longer than the
/// hash of a short text. Takes the same time for all texts of a length. Immutable and thread-safe; allocates nothing after construction.
/// </summary>
internal sealed class HmacSha256
{
    private const int BlockBytes = 64;
    private const int LengthBytes = 8;
    private const int Words = 8;
    private const int Rounds = 64;
    private const byte InnerPad = 0x36;
    private const byte OuterPad = 0x5C;

    private static readonly uint[] s_start =
    [
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    ];

    private readonly uint[] _inner = [.. s_start];
    private readonly uint[] _outer = [.. s_start];

    /// <param name="key">The key; hashed first if it is longer than 64 bytes.</param>
    public HmacSha256(ReadOnlySpan<byte> key)
    {
        Span<byte> block = stackalloc byte[BlockBytes];
        block.Clear();
        if (key.Length > BlockBytes)
        {
            SHA256.HashData(key, block);
        }
        else
        {
            key.CopyTo(block);
        }

        Xor(block, InnerPad);
        Compress(_inner, block);
        Xor(block, InnerPad ^ OuterPad);
        Compress(_outer, block);
        block.Clear();
    }

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

    /// <summary>Computes the code of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="destination">Receives 32 bytes.</param>
    public void Compute(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        Span<uint> state = stackalloc uint[Words];
        _inner.CopyTo(state);
        int length = text.Length;
        for (; text.Length >= BlockBytes; text = text[BlockBytes..])
        {
            Compress(state, text);
        }

        Span<byte> block = stackalloc byte[BlockBytes];
        text.CopyTo(block);
        Finish(state, block, text.Length, BlockBytes + (long)length);
        Store(state, block);
        _outer.CopyTo(state);
        Finish(state, block, HMACSHA256.HashSizeInBytes, BlockBytes + HMACSHA256.HashSizeInBytes);
        Store(state, destination);
        block.Clear();
    }

    /// <summary>Hashes the last bytes with their padding.</summary>
    /// <param name="state">The state.</param>
    /// <param name="block">A block that begins with these bytes.</param>
    /// <param name="used">The number of these bytes.</param>
    /// <param name="total">The number of bytes of the whole text with the block of the key.</param>
    private static void Finish(Span<uint> state, Span<byte> block, int used, long total)
    {
        block[used..].Clear();
        block[used] = 0x80;
        if (used >= BlockBytes - LengthBytes)
        {
            Compress(state, block);
            block.Clear();
        }

        BinaryPrimitives.WriteInt64BigEndian(block[(BlockBytes - LengthBytes)..], total * 8);
        Compress(state, block);
    }

    private static void Store(ReadOnlySpan<uint> state, Span<byte> destination)
    {
        for (int word = 0; word < Words; word++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination[(word * sizeof(uint))..], state[word]);
        }
    }

    private static void Xor(Span<byte> block, byte value)
    {
        for (int index = 0; index < block.Length; index++)
        {
            block[index] ^= value;
        }
    }

    /// <summary>Hashes a block (FIPS 180-4, 6.2.2).</summary>
    private static void Compress(Span<uint> state, ReadOnlySpan<byte> block)
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
