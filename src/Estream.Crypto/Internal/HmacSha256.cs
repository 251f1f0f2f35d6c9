using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Estream.Crypto.Internal;

/// <summary>
/// Computes HMAC-SHA256 (RFC 2104, FIPS 180-4) of short texts with one key. The two states after the blocks of the key are computed once,
/// so a text of up to 55 bytes costs two blocks. .NET's HMACSHA256 creates an OpenSSL context for each text, which takes longer than the
/// hash of a short text. Takes the same time for all texts of a length. Immutable and thread-safe; allocates nothing after construction.
/// </summary>
internal sealed class HmacSha256
{
    private const int BlockBytes = Sha256Block.BlockBytes;
    private const int LengthBytes = 8;
    private const int Words = 8;
    private const byte InnerPad = 0x36;
    private const byte OuterPad = 0x5C;

    private static readonly uint[] s_start =
    [
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    ];

    private readonly uint[] _inner = new uint[Sha256Block.StateWords];
    private readonly uint[] _outer = new uint[Sha256Block.StateWords];

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

        s_start.CopyTo(_inner);
        s_start.CopyTo(_outer);
        Xor(block, InnerPad);
        Sha256Block.Compress(_inner, block);
        Xor(block, InnerPad ^ OuterPad);
        Sha256Block.Compress(_outer, block);
        block.Clear();
    }

    /// <summary>Computes the code of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="destination">Receives 32 bytes.</param>
    public void Compute(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        Span<uint> state = stackalloc uint[Sha256Block.StateWords];
        _inner.AsSpan(0, Words).CopyTo(state);
        int length = text.Length;
        for (; text.Length >= BlockBytes; text = text[BlockBytes..])
        {
            Sha256Block.Compress(state, text);
        }

        Span<byte> block = stackalloc byte[BlockBytes];
        text.CopyTo(block);
        Finish(state, block, text.Length, BlockBytes + (long)length);
        Store(state, block);
        _outer.AsSpan(0, Words).CopyTo(state);
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
            Sha256Block.Compress(state, block);
            block.Clear();
        }

        BinaryPrimitives.WriteInt64BigEndian(block[(BlockBytes - LengthBytes)..], total * 8);
        Sha256Block.Compress(state, block);
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
}
