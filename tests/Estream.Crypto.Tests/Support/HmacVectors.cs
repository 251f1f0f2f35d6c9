using System.Security.Cryptography;
using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Tests.Support;

/// <summary>
/// Runs the HMAC vectors (FIPS 198-1) with SHA3-256, because they hash messages and keys of many lengths in pieces. The library does not
/// offer HMAC.
/// </summary>
internal static class HmacVectors
{
    private const int DigestBytes = 32;

    /// <summary>Runs all cases; an expected tag may be the first half.</summary>
    public static VectorCount Run() => VectorFile.ForEach("hmac_sha3_256_test", (group, test) =>
    {
        byte[] expected = test.Bytes("tag");
        Assert.Equal(group.GetProperty("tagSize").GetInt32(), expected.Length * 8);
        byte[] actual = Hmac(test.Bytes("key"), test.Bytes("msg"))[..expected.Length];
        Assert.Equal(VectorFile.IsValid(test), CryptographicOperations.FixedTimeEquals(expected, actual));
    });

    private static byte[] Hmac(byte[] key, byte[] message)
    {
        // No key of the vectors is longer than a block; longer keys would have to be hashed first.
        var block = new byte[KeccakRate.Sha3_256];
        key.CopyTo(block, 0);
        byte[] inner = Hash([.. block.Select(b => (byte)(b ^ 0x36))], message);
        return Hash([.. block.Select(b => (byte)(b ^ 0x5c))], inner);
    }

    private static byte[] Hash(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        KeccakSponge sponge = KeccakSponge.Sha3_256();
        sponge.Absorb(first);
        sponge.Absorb(second);
        var digest = new byte[DigestBytes];
        sponge.Squeeze(digest);
        return digest;
    }
}
