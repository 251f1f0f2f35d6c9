using System.Security.Cryptography;
using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Tests.Support;

/// <summary>
/// Runs the KMAC256 vectors (NIST SP 800-185) on each of eight lanes, while the other lanes are idle. The vectors have another suffix, and
/// inputs of more blocks, than ML-DSA and Merkle trees. The library does not offer KMAC.
/// </summary>
internal static class KmacVectors
{
    // Two zero bits and the first bit of the padding: the suffix of cSHAKE.
    private const byte Suffix = 0x04;

    /// <summary>Runs all cases.</summary>
    public static VectorCount Run() => VectorFile.ForEach("kmac256_no_customization_test", (group, test) =>
    {
        byte[] expected = test.Bytes("tag");
        Assert.Equal(group.GetProperty("tagSize").GetInt32(), expected.Length * 8);
        for (int lane = 0; lane < KeccakX8.Lanes; lane++)
        {
            byte[] actual = Kmac256(test.Bytes("key"), test.Bytes("msg"), expected.Length, lane);
            Assert.Equal(VectorFile.IsValid(test), CryptographicOperations.FixedTimeEquals(expected, actual));
        }
    });

    private static byte[] Kmac256(byte[] key, byte[] message, int length, int lane)
    {
        byte[] input = [.. Padded([.. Text("KMAC"u8), .. Text([])]), .. Padded(Text(key)), .. message, .. Digits(8 * length),
            (byte)Digits(8 * length).Length];
        var sponge = new KeccakX8(new ulong[KeccakX8.StateWords], KeccakRate.Shake256, Suffix);
        int at = 0;
        for (; at + KeccakRate.Shake256 <= input.Length; at += KeccakRate.Shake256)
        {
            sponge.AbsorbBlock(lane, input.AsSpan(at));
            sponge.Permute();
        }

        sponge.AbsorbLast(lane, input.AsSpan(at));
        sponge.Permute();
        byte[] tag = new byte[length];
        sponge.ReadBlock(lane, tag);
        return tag;
    }

    // bytepad: the rate, the content, and zeroes up to whole blocks.
    private static byte[] Padded(byte[] content)
    {
        byte[] whole = [.. LeftEncoded(KeccakRate.Shake256), .. content];
        return [.. whole, .. new byte[(KeccakRate.Shake256 - (whole.Length % KeccakRate.Shake256)) % KeccakRate.Shake256]];
    }

    // encode_string: the length in bits, and the bytes.
    private static byte[] Text(ReadOnlySpan<byte> bytes) => [.. LeftEncoded(8 * bytes.Length), .. bytes];

    private static byte[] LeftEncoded(int value) => [(byte)Digits(value).Length, .. Digits(value)];

    // No length of the vectors has more than two digits.
    private static byte[] Digits(int value) => value < 256 ? [(byte)value] : [(byte)(value >> 8), (byte)value];
}
