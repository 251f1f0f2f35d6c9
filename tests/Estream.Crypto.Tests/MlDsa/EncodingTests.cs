using Estream.Crypto.Internal.MlDsa;
using Estream.Crypto.Tests.Support;

namespace Estream.Crypto.Tests.MlDsa;

/// <summary>Tests that packed numbers, responses and hints round-trip, and that invalid hints are rejected.</summary>
public sealed class EncodingTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(10)]
    [InlineData(13)]
    [InlineData(18)]
    [InlineData(20)]
    public void Numbers_are_packed_the_lowest_bit_first(int bits)
    {
        var random = new Random(bits);
        int[] values = [.. Enumerable.Range(0, Field.N).Select(_ => random.Next(1 << bits))];
        byte[] packed = new byte[Field.N * bits / 8];
        int[] again = new int[Field.N];
        BitPacking.Pack(values, bits, packed);
        BitPacking.Unpack(packed, bits, again);
        Assert.Equal(values, again);
        Assert.All(Enumerable.Range(0, Field.N * bits),
            bit => Assert.Equal((values[bit / bits] >> (bit % bits)) & 1, (packed[bit / 8] >> (bit % 8)) & 1));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void PackBytes_packs_byte_values_as_Pack_packs_the_same_numbers(int bits)
    {
        var random = new Random(bits);
        byte[] values = [.. Enumerable.Range(0, Field.N).Select(_ => (byte)random.Next(1 << bits))];
        byte[] packed = new byte[Field.N * bits / 8], expected = new byte[packed.Length];
        BitPacking.PackBytes(values, bits, packed);
        BitPacking.Pack([.. values.Select(value => (int)value)], bits, expected);
        Assert.Equal(expected, packed);
    }

    [Theory]
    [InlineData(44)]
    [InlineData(87)]
    public void Responses_round_trip_with_and_without_trailing_bytes(int set)
    {
        ParameterSet parameters = DsaKeys.Set(set);
        var random = new Random(set);
        int[] values = [.. Enumerable.Range(0, Field.N).Select(_ => random.Next(1 - parameters.Gamma1, parameters.Gamma1 + 1))],
        again = new int[Field.N];
        byte[] encoded = new byte[parameters.ResponseBytes];
        ResponseEncoding.Encode(parameters, [.. values], encoded);
        ResponseEncoding.Decode(parameters, encoded, again);
        Assert.Equal(values, again);
        again.AsSpan().Clear();
        ResponseEncoding.Decode(parameters, [.. encoded, .. new byte[7]], again);
        Assert.Equal(values, again);
    }

    [Fact]
    public void Hints_round_trip_and_too_many_are_rejected()
    {
        ParameterSet parameters = ParameterSet.MlDsa87;
        byte[] hints = new byte[8 * Field.N], encoded = new byte[parameters.Omega + parameters.K];
        foreach (int place in Enumerable.Range(0, parameters.Omega).Select(i => ((i * 7919) + 3) % hints.Length))
        {
            hints[place] = 1;
        }

        Assert.True(HintEncoding.TryEncode(parameters, hints, encoded));
        Assert.True(HintEncoding.IsValid(parameters, encoded));
        byte[] again = new byte[hints.Length];
        for (int i = 0; i < parameters.K; i++)
        {
            foreach (byte place in HintEncoding.Of(parameters, encoded, i))
            {
                again[(i * Field.N) + place] = 1;
            }
        }

        Assert.Equal(hints, again);
        hints[Array.IndexOf(hints, (byte)0)] = 1;
        Assert.False(HintEncoding.TryEncode(parameters, hints, encoded));
    }

    [Fact]
    public void Hints_have_a_unique_encoding()
    {
        ParameterSet parameters = ParameterSet.MlDsa87;
        byte[] encoded = [1, 5, 2, 9, .. new byte[71], 2, 4, 4, 4, 4, 4, 4, 4];
        Assert.True(HintEncoding.IsValid(parameters, encoded));
        Assert.False(HintEncoding.IsValid(parameters, With(encoded, 1, 1)));
        Assert.False(HintEncoding.IsValid(parameters, With(encoded, 0, 6)));
        Assert.True(HintEncoding.IsValid(parameters, With(encoded, 2, 0)));
        Assert.False(HintEncoding.IsValid(parameters, With(encoded, 4, 1)));
        Assert.False(HintEncoding.IsValid(parameters, With(encoded, 74, 1)));
        Assert.False(HintEncoding.IsValid(parameters, With(encoded, 77, 3)));
        Assert.False(HintEncoding.IsValid(parameters, With(encoded, 82, 76)));
        Assert.False(HintEncoding.IsValid(parameters, With(encoded, 75, 255)));
    }

    private static byte[] With(byte[] bytes, int at, byte value)
    {
        byte[] changed = [.. bytes];
        changed[at] = value;
        return changed;
    }
}
