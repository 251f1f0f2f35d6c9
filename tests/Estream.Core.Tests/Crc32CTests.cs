using System.Text;
using Estream.Testing;

namespace Estream.Core.Tests;

public sealed class Crc32CTests
{
    /// <summary>RFC 3720, appendix B.4; the values there are listed least significant byte first.</summary>
    public static TheoryData<byte[], uint> Rfc3720Vectors => new()
    {
        { new byte[32], 0x8A9136AA },
        { Enumerable.Repeat((byte)0xFF, 32).ToArray(), 0x62A8AB43 },
        { Enumerable.Range(0, 32).Select(i => (byte)i).ToArray(), 0x46DD794E },
        { Enumerable.Range(0, 32).Select(i => (byte)(31 - i)).ToArray(), 0x113FDB5C },
        {
            Convert.FromHexString("01C000000000000000000000000000001400000000000400000000140000001828000000000000000200000000000000"),
            0xD9963A56
        },
    };

    [Theory]
    [MemberData(nameof(Rfc3720Vectors))]
    public void Crc32C_matches_the_test_vectors_of_rfc_3720(byte[] data, uint checksum) => Assert.Equal(checksum, Crc32C.Compute(data));

    [Fact]
    public void Crc32C_matches_the_check_value_and_the_empty_block()
    {
        Assert.Equal(0xE3069283u, Crc32C.Compute(Encoding.ASCII.GetBytes("123456789")));
        Assert.Equal(0u, Crc32C.Compute([]));
        Assert.Equal(123u, Crc32C.Append(123, []));
    }

    [Property(500)]
    public void Compute_agrees_with_the_bit_by_bit_definition_for_any_bytes(byte[] data) =>
        Assert.Equal(BitByBit(data), Crc32C.Compute(data));

    [Fact]
    public void Crc32C_matches_the_definition_at_every_length_and_alignment()
    {
        byte[] data = new byte[80];
        new Random(3720).NextBytes(data);
        for (int start = 0; start < 9; start++)
        {
            for (int length = 0; length <= data.Length - start; length++)
            {
                ReadOnlySpan<byte> part = data.AsSpan(start, length);
                Assert.Equal(BitByBit(part), Crc32C.Compute(part));
            }
        }
    }

    [Property(500)]
    public void Append_continues_a_checksum_at_any_split(byte[] head, byte[] tail) =>
        Assert.Equal(Crc32C.Compute([.. head, .. tail]), Crc32C.Append(Crc32C.Compute(head), tail));

    private static uint BitByBit(ReadOnlySpan<byte> data)
    {
        uint remainder = uint.MaxValue;
        foreach (byte value in data)
        {
            remainder ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                remainder = (remainder & 1) == 0 ? remainder >> 1 : (remainder >> 1) ^ 0x82F63B78;
            }
        }

        return ~remainder;
    }

    [Fact]
    public void A_number_is_hashed_as_its_eight_bytes()
    {
        Assert.Equal(Crc32C.Append(5, [1, 2, 3, 4, 5, 6, 7, 8]), Crc32C.Append(5, 0x0807060504030201));
    }
}
