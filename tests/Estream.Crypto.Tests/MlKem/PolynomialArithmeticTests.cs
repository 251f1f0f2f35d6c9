using Estream.Crypto.Internal.MlKem;

namespace Estream.Crypto.Tests.MlKem;

/// <summary>Tests polynomials against the definitions of the standard, and that all kernels give identical numbers.</summary>
public sealed class PolynomialArithmeticTests
{
    private const int Q = Parameters.Q;
    private const int N = Parameters.N;

    private static readonly PolynomialArithmetic[] s_kinds =
        [.. new[] { PolynomialArithmetic.Scalar, PolynomialArithmetic.Wide, PolynomialArithmetic.Widest }.OfType<PolynomialArithmetic>()];

    [Fact]
    public void The_transform_has_the_values_that_the_standard_defines()
    {
        foreach (PolynomialArithmetic arithmetic in s_kinds)
        {
            short[] p = Random(1, N), transformed = [.. p];
            arithmetic.Forward(transformed);
            for (int pair = 0; pair < N / 2; pair++)
            {
                // The remainder of p modulo X^2 - root, where root is 17^(2 BitRev7(pair) + 1).
                int root = Power(17, (2 * Reverse(pair)) + 1);
                for (int degree = 0; degree < 2; degree++)
                {
                    long sum = 0;
                    for (int i = (N / 2) - 1; i >= 0; i--)
                    {
                        sum = ((sum * root) + p[(2 * i) + degree]) % Q;
                    }

                    Assert.Equal(Mod(sum), Mod(transformed[(2 * pair) + degree]));
                }
            }
        }
    }

    [Fact]
    public void Inner_products_by_the_NTT_equal_direct_polynomial_multiplication()
    {
        foreach (PolynomialArithmetic arithmetic in s_kinds)
        {
            short[] a = Random(2, 4 * N), b = Random(3, 4 * N);
            var expected = new long[N];
            for (int j = 0; j < 4; j++)
            {
                AddProduct(a.AsSpan(j * N, N), b.AsSpan(j * N, N), expected);
            }

            Assert.Equal(expected.Select(Mod), Product(arithmetic, a, b).Select(value => Mod(value)));
        }
    }

    [Fact]
    public void All_kernels_give_identical_numbers_including_at_the_bounds()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            short[] a = seed == 0 ? Full(Q - 1) : seed == 1 ? Full(1 - Q) : Random(seed, 4 * N), b = seed < 2
                ? Full(Q - 1)
                : Random(seed + 1_000, 4 * N);
            short[][] all = [.. s_kinds.Select(arithmetic => Everything(arithmetic, a, b))];
            Assert.All(all, one => Assert.Equal(all[0], one));
        }
    }

    private static short[] Everything(PolynomialArithmetic arithmetic, short[] a, short[] b)
    {
        short[] forward = [.. a], back = [.. a[..N]], scaled = [.. a[..N]], sum = [.. a[..N]], difference = [.. a[..N]];
        arithmetic.Forward(forward);
        Assert.All(forward, value => Assert.InRange(value, 0, Q));
        arithmetic.Inverse(back);
        Assert.All(back, value => Assert.InRange(value, 1 - Q, Q - 1));
        arithmetic.MultiplyByR(scaled);
        arithmetic.Add(sum, b.AsSpan(0, N));
        arithmetic.Subtract(difference, b.AsSpan(0, N));
        return [.. forward, .. back, .. scaled, .. sum, .. difference, .. Product(arithmetic, a, b)];
    }

    // The sum of a_j * b_j, with coefficients between -q and q.
    private static short[] Product(PolynomialArithmetic arithmetic, short[] a, short[] b)
    {
        short[] left = [.. a], right = [.. b], straight = new short[4 * N], crossed = new short[4 * N], result = new short[N];
        arithmetic.Forward(left);
        arithmetic.Forward(right);
        arithmetic.Prepare(right, straight, crossed);
        arithmetic.Sum(left, N, straight, crossed, result);
        Assert.All(result, value => Assert.InRange(value, 1 - Q, Q - 1));
        arithmetic.Inverse(result);
        return result;
    }

    // Modulo X^256 + 1.
    private static void AddProduct(ReadOnlySpan<short> a, ReadOnlySpan<short> b, long[] result)
    {
        for (int i = 0; i < N; i++)
        {
            for (int j = 0; j < N; j++)
            {
                result[(i + j) % N] += (i + j < N ? 1 : -1) * a[i] * b[j];
            }
        }
    }

    private static short[] Random(int seed, int length)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (short)random.Next(1 - Q, Q))];
    }

    private static short[] Full(int value) => [.. Enumerable.Repeat((short)value, 4 * N)];

    private static int Mod(long value) => (int)(((value % Q) + Q) % Q);

    private static int Power(int root, int exponent)
    {
        long power = 1;
        for (int i = 0; i < exponent; i++)
        {
            power = power * root % Q;
        }

        return (int)power;
    }

    private static int Reverse(int value) => Convert.ToInt32(new string([.. Convert.ToString(value, 2).PadLeft(7, '0').Reverse()]), 2);
}
