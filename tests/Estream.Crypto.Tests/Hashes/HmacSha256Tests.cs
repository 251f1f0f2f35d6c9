using System.Security.Cryptography;
using Estream.Crypto.Internal;
using Estream.Crypto.Internal.OpenSsl;
using Estream.Testing;

namespace Estream.Crypto.Tests.Hashes;

/// <summary>Tests that codes equal those of .NET, and that blocks are hashed equally with and without libcrypto.</summary>
public sealed class HmacSha256Tests
{
    // Lengths around a block of 64 bytes, and around the 55 bytes that fit into a block with their padding.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(32, 54)]
    [InlineData(32, 55)]
    [InlineData(32, 56)]
    [InlineData(63, 63)]
    [InlineData(64, 64)]
    [InlineData(65, 65)]
    [InlineData(200, 300)]
    public void Compute_gives_the_same_code_as_HMACSHA256_of_dotnet(int keyLength, int textLength)
    {
        byte[] key = RandomNumberGenerator.GetBytes(keyLength);
        byte[] text = RandomNumberGenerator.GetBytes(textLength);
        byte[] code = new byte[HMACSHA256.HashSizeInBytes];
        new HmacSha256(key).Compute(text, code);
        Assert.Equal(HMACSHA256.HashData(key, text), code);
    }

    [Property(500, 100_000)]
    public void Block_is_hashed_equally_with_and_without_libcrypto(uint[] start, byte[] bytes)
    {
        Assert.True(Sha256Transform.IsPresent);
        uint[] native = new uint[Sha256Block.StateWords];
        start.AsSpan(0, Math.Min(start.Length, 8)).CopyTo(native);
        uint[] managed = [.. native];
        byte[] block = new byte[64];
        bytes.AsSpan(0, Math.Min(bytes.Length, block.Length)).CopyTo(block);
        Sha256Block.Compress(native, block);
        Sha256Block.CompressManaged(managed, block);
        Assert.Equal(managed, native);
    }

    [Fact]
    public void Short_state_and_short_block_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Sha256Block.Compress(new uint[8], new byte[64]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sha256Block.Compress(new uint[Sha256Block.StateWords], new byte[63]));
    }
}
