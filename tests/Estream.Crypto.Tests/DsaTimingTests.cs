using System.Security.Cryptography;
using Estream.Crypto.Internal.MlDsa;
using Estream.Crypto.Tests.Support;
using Estream.Testing;

namespace Estream.Crypto.Tests;

/// <summary>
/// Whether time tells one key from others, measured as dudect does: one fixed key against random ones, in random order. Only with the full counts, where it is about time and
/// a busy machine costs patience alone: what disturbs falls on both kinds.
/// </summary>
public sealed class DsaTimingTests
{
    // As many objects of both kinds, so that caches make no difference.
    private const int Keys = 8;

    [Fact]
    public void Signing_takes_as_long_with_one_key_as_with_random_ones()
    {
        if (!LongRun.IsOn)
        {
            return;
        }

        MlDsa87PrivateKey[] same = [.. Enumerable.Range(0, Keys).Select(_ => DsaKeys.Numbered(1))], random = [.. Enumerable.Range(0, Keys).Select(number => DsaKeys.Numbered(number + 2))];
        byte[] data = new byte[32], signature = new byte[MlDsa87.SignatureBytes];
        MlDsa87PrivateKey key = same[0];
        double t = WelchTest.Of(
            200_000,
            (kind, number) =>
            {
                RandomNumberGenerator.Fill(data);
                key = (kind ? same : random)[number % Keys];
            },
            () => key.Sign(data, [], signature));
        Assert.InRange(t, 0, WelchTest.Limit);
    }

    [Fact]
    public void What_computes_with_secrets_takes_as_long_for_zeroes_as_for_the_largest()
    {
        if (!LongRun.IsOn)
        {
            return;
        }

        PolynomialArithmetic arithmetic = PolynomialArithmetic.Best;
        int[] challenge = Polynomial(1), secret = new int[Field.N], product = new int[Field.N], low = new int[Field.N];
        int[][] zeroes = [.. Enumerable.Range(0, Keys).Select(_ => new int[Field.N])], others = [.. Enumerable.Range(0, Keys).Select(Polynomial)];
        double t = WelchTest.Of(
            1_000_000,
            (kind, number) => (kind ? zeroes : others)[number % Keys].CopyTo(secret, 0),
            () =>
            {
                arithmetic.Multiply(challenge, secret, product);
                arithmetic.Inverse(product);
                arithmetic.SubtractWithin(low, product, int.MaxValue);
            });
        Assert.InRange(t, 0, WelchTest.Limit);
    }

    [Fact]
    public void A_loop_that_ends_at_a_secret_is_found()
    {
        if (!LongRun.IsOn)
        {
            return;
        }

        byte[] one = new byte[256], secret = new byte[256];
        double t = WelchTest.Of(200_000, (kind, _) => secret[16] = kind ? (byte)0 : (byte)1, () => IsEqual(one, secret));
        Assert.True(t > WelchTest.Limit, $"t is {t}");
    }

    private static bool IsEqual(byte[] a, byte[] b)
    {
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i] != b[i])
            {
                return false;
            }
        }

        return true;
    }

    private static int[] Polynomial(int number)
    {
        var random = new Random(number);
        return [.. Enumerable.Range(0, Field.N).Select(_ => random.Next(-Field.Q / 2, Field.Q / 2))];
    }
}
