using System.Security.Cryptography;
using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Tests.Support;

/// <summary>
/// KMAC256 of NIST SP 800-185, for its vectors alone: they hash messages of three and four blocks with a suffix and bounds that nothing else here has. The library has no such function. Each lane computes each tag.
/// </summary>
internal static class KmacVectors
{
    // The two bits 00 of cSHAKE and the first bit of the padding.
    private const byte CShakeSuffix = 0x04;

    private const int RateBytes = KeccakRate.Shake256;

    /// <summary>Computes all of them.</summary>
    public static VectorCount Run() => VectorFile.ForEach("kmac256_no_customization_test", (group, test) =>
    {
        byte[] expected = test.Bytes("tag");
        Assert.Equal(group.GetProperty("tagSize").GetInt32(), expected.Length * 8);
        foreach (byte[] actual in Kmac(test.Bytes("key"), test.Bytes("msg"), expected.Length))
        {
            Assert.Equal(VectorFile.IsValid(test), CryptographicOperations.FixedTimeEquals(expected, actual));
        }
    });

    private static List<byte[]> Kmac(byte[] key, byte[] message, int tagBytes)
    {
        byte[] text = [.. Padded([.. Encoded("KMAC"u8), .. Encoded([])]), .. Padded(Encoded(key)), .. message, .. Digits(tagBytes * 8), (byte)Digits(tagBytes * 8).Length];
        ulong[] state = new ulong[KeccakX8.StateWords];
        KeccakX8 sponges = new(state, RateBytes, CShakeSuffix);
        int whole = text.Length / RateBytes * RateBytes;
        for (int at = 0; at < whole; at += RateBytes)
        {
            for (int lane = 0; lane < KeccakX8.Lanes; lane++)
            {
                sponges.AbsorbBlock(lane, text.AsSpan(at));
            }

            sponges.Permute();
        }

        for (int lane = 0; lane < KeccakX8.Lanes; lane++)
        {
            sponges.AbsorbLast(lane, text.AsSpan(whole));
        }

        sponges.Permute();
        List<byte[]> tags = [];
        for (int lane = 0; lane < KeccakX8.Lanes; lane++)
        {
            byte[] tag = new byte[tagBytes];
            sponges.ReadBlock(lane, tag);
            tags.Add(tag);
        }

        return tags;
    }

    /// <summary>bytepad: with the rate before it, filled up to whole blocks.</summary>
    private static byte[] Padded(byte[] content)
    {
        byte[] whole = [.. Length(RateBytes), .. content];
        Array.Resize(ref whole, (whole.Length + RateBytes - 1) / RateBytes * RateBytes);
        return whole;
    }

    /// <summary>encode_string: with its number of bits before it.</summary>
    private static byte[] Encoded(ReadOnlySpan<byte> content) => [.. Length(content.Length * 8), .. content];

    /// <summary>left_encode: a number behind the number of its bytes.</summary>
    private static byte[] Length(int number) => [(byte)Digits(number).Length, .. Digits(number)];

    private static byte[] Digits(int number) => number < 256 ? [(byte)number] : [(byte)(number >> 8), (byte)number];
}
