using System.Numerics;
using Estream.Crypto.Internal.MlKem;

namespace Estream.Crypto.Tests.MlKem;

/// <summary>Compares the encodings, for every coefficient in every position, with the standard's formulas in exact integers.</summary>
public sealed class EncodingTests
{
    private const int Q = Parameters.Q;

    private delegate void Encoder(ReadOnlySpan<short> coefficients, Span<byte> bytes);

    private delegate void Decoder(ReadOnlySpan<byte> bytes, Span<short> coefficients);

    [Fact]
    public void TryDecode12_rejects_a_coefficient_not_below_the_modulus()
    {
        foreach (int place in new[] { 0, 1, 254, 255 })
        {
            byte[] bytes = Pack(12, i => i == place ? 0 : Q - 1);
            int at = place / 2 * 3;
            for (int value = 0; value < 4096; value++)
            {
                int two = place % 2 == 0 ? value | ((Q - 1) << 12) : (Q - 1) | (value << 12);
                (bytes[at], bytes[at + 1], bytes[at + 2]) = ((byte)two, (byte)(two >> 8), (byte)(two >> 16));
                Assert.Equal(value < Q, Encoding.TryDecode12(bytes, new short[Parameters.N]));
            }
        }
    }

    [Fact]
    public void Every_coefficient_round_trips_in_twelve_bits()
    {
        ForEveryCoefficient(polynomial =>
        {
            byte[] bytes = new byte[Parameters.PolynomialBytes];
            var again = new short[Parameters.N];
            Encoding.Encode12(polynomial, bytes);
            Assert.Equal(Pack(12, i => polynomial[i]), bytes);
            Assert.True(Encoding.TryDecode12(bytes, again));
            Assert.Equal(polynomial, again);
        });
    }

    [Theory]
    [InlineData(11)]
    [InlineData(5)]
    [InlineData(1)]
    public void Compression_rounds_every_coefficient_as_the_standard_does(int bits)
    {
        Encoder encode = bits == 11 ? Encoding.Compress11 : bits == 5 ? Encoding.Compress5 : Encoding.CompressMessage;
        ForEveryCoefficient(polynomial =>
        {
            byte[] bytes = new byte[Parameters.N * bits / 8];
            encode(polynomial, bytes);
            Assert.Equal(Pack(bits, i => Compress(polynomial[i], bits)), bytes);
        });
    }

    [Theory]
    [InlineData(11)]
    [InlineData(5)]
    [InlineData(1)]
    public void Decompression_matches_the_standard_for_every_value(int bits)
    {
        Decoder decode = bits == 11 ? Encoding.Decompress11 : bits == 5 ? Encoding.Decompress5 : Encoding.DecompressMessage;
        for (int first = 0; first < 1 << bits; first++)
        {
            int shift = first;
            var polynomial = new short[Parameters.N];
            decode(Pack(bits, i => (i + shift) % (1 << bits)), polynomial);
            for (int i = 0; i < Parameters.N; i++)
            {
                Assert.Equal((((2 * Q * ((i + first) % (1 << bits))) + (1 << bits)) >> (bits + 1)), polynomial[i]);
            }
        }
    }

    private static int Compress(int value, int bits) => ((2 * value << bits) + Q) / (2 * Q) % (1 << bits);

    // Consecutive values, least significant bit first.
    private static byte[] Pack(int bits, Func<int, int> value)
    {
        BigInteger all = BigInteger.Zero;
        for (int i = Parameters.N - 1; i >= 0; i--)
        {
            all = (all << bits) | value(i);
        }

        byte[] packed = new byte[Parameters.N * bits / 8];
        all.TryWriteBytes(packed, out _, isUnsigned: true);
        return packed;
    }

    private static void ForEveryCoefficient(Action<short[]> check)
    {
        for (int first = 0; first < Q; first += 8)
        {
            int start = first;
            check([.. Enumerable.Range(0, Parameters.N).Select(i => (short)((start + i) % Q))]);
        }
    }
}
