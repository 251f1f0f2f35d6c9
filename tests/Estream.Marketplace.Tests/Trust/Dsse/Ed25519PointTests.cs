using System.Numerics;
using Estream.Crypto;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Tests.Trust.Dsse;

/// <summary>Compares the accepted Ed25519 keys with the arithmetic of RFC 8032 in big integers.</summary>
public sealed class Ed25519PointTests
{
    private static readonly BigInteger s_prime = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger s_d = Modulo(-121665 * Inverse(121666));

    [Fact]
    public void Every_point_of_small_order_is_refused_in_every_encoding()
    {
        HashSet<BigInteger> small = SmallOrderY();
        Assert.Equal(5, small.Count);
        foreach (BigInteger y in small)
        {
            Refused(Encode(y, sign: 0));
            Refused(Encode(y, sign: 1));
            if (y + s_prime < BigInteger.Pow(2, 255))
            {
                Refused(Encode(y + s_prime, sign: 0));
            }
        }
    }

    [Fact]
    public void Y_not_below_the_prime_is_rejected()
    {
        for (int above = 0; above < 19; above++)
        {
            Refused(Encode(s_prime + above, sign: 0));
            Refused(Encode(s_prime + above, sign: 1));
        }

        Assert.True(Ed25519Point.IsSound(Encode(s_prime - 2, sign: 0)));
    }

    [Fact]
    public void Generated_key_is_accepted()
    {
        for (int i = 0; i < 50; i++)
        {
            using Ed25519PrivateKey key = Ed25519PrivateKey.Generate();
            Assert.True(Ed25519Point.IsSound(key.PublicKey.PublicKey.Span));
        }

        Assert.False(Ed25519Point.IsSound(new byte[31]));
    }

    [Fact]
    public void OpenSSL_accepts_a_forged_signature_under_a_key_of_small_order()
    {
        // The public key A is the point of order 1. With S = 0, the point R = S·B is that point too, so the verification equation holds for
        // every message. The check of the key exists because of this attack.
        byte[] identity = Encode(1, sign: 0);
        Ed25519PublicKey key = Ed25519PublicKey.Import(identity);
        byte[] signature = [.. identity, .. new byte[32]];
        Assert.True(key.Verify("anything"u8, [], signature));
        using MlDsa87PrivateKey other = MlDsa87PrivateKey.Generate();
        Assert.Equal(KeyFault.Range, Assert.Throws<EstreamInvalidKeyException>(() => new DocumentKey(other.PublicKey, key)).Fault);
    }

    private static void Refused(byte[] encoded) => Assert.False(Ed25519Point.IsSound(encoded), Convert.ToHexString(encoded));

    /// <summary>The y-coordinates of the points of order 1, 2, 4 and 8: (0, ±1), (±√-1, 0), and the points whose double is a point of order
    /// 4.</summary>
    private static HashSet<BigInteger> SmallOrderY()
    {
        HashSet<BigInteger> found = [1, s_prime - 1, 0];

        // The double of (x, y) has y-coordinate 0 where x² = -y²; on the curve -x² + y² = 1 + d·x²·y² then gives d·y⁴ + 2·y² - 1 = 0.
        BigInteger root = Root(1 + s_d);
        foreach (BigInteger squared in new[] { Modulo((-1 + root) * Inverse(s_d)), Modulo((-1 - root) * Inverse(s_d)) })
        {
            if (BigInteger.ModPow(squared, (s_prime - 1) / 2, s_prime) == 1)
            {
                BigInteger y = Root(squared);
                found.UnionWith([y, s_prime - y]);
            }
        }

        return found;
    }

    private static BigInteger Root(BigInteger square)
    {
        // RFC 8032, section 5.1.3: the prime is 5 modulo 8.
        BigInteger root = BigInteger.ModPow(square, (s_prime + 3) / 8, s_prime);
        if (Modulo((root * root) - square) != 0)
        {
            root = Modulo(root * BigInteger.ModPow(2, (s_prime - 1) / 4, s_prime));
        }

        Assert.Equal(Modulo(square), Modulo(root * root));
        return root;
    }

    private static BigInteger Inverse(BigInteger value) => BigInteger.ModPow(Modulo(value), s_prime - 2, s_prime);

    private static BigInteger Modulo(BigInteger value) => ((value % s_prime) + s_prime) % s_prime;

    private static byte[] Encode(BigInteger y, int sign)
    {
        byte[] encoded = new byte[32];
        y.TryWriteBytes(encoded, out _, isUnsigned: true);
        encoded[31] |= (byte)(sign << 7);
        return encoded;
    }
}
