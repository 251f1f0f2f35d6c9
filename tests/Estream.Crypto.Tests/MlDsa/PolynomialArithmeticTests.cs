using Estream.Crypto.Internal.MlDsa;

namespace Estream.Crypto.Tests.MlDsa;

/// <summary>Tests polynomials against the definitions of the standard, and that all kernels give identical numbers.</summary>
public sealed class PolynomialArithmeticTests
{
    private const int Q = Field.Q;
    private const int N = Field.N;
    private const int Columns = 7;

    // 1 / 2^32 modulo q, the factor in products.
    private const long InverseOfTwoTo32 = 8265825;

    private static readonly PolynomialArithmetic[] s_kinds =
        [.. new[] { PolynomialArithmetic.Scalar, PolynomialArithmetic.Wide, PolynomialArithmetic.Widest }.OfType<PolynomialArithmetic>()];

    [Fact]
    public void The_transform_has_the_values_that_the_standard_defines()
    {
        foreach (PolynomialArithmetic arithmetic in s_kinds)
        {
            int[] p = Random(1, N, Q), transformed = [.. p];
            arithmetic.Forward(transformed);
            for (int i = 0; i < N; i++)
            {
                // p at 1753^(2 BitRev8(i) + 1).
                long root = Power(1753, (2 * Reverse(i)) + 1), value = 0;
                for (int degree = N - 1; degree >= 0; degree--)
                {
                    value = Mod((value * root) + p[degree]);
                }

                Assert.Equal(value, Mod(transformed[i]));
                Assert.InRange(Math.Abs((long)transformed[i]), 0, (long)(9.2 * Q));
            }
        }
    }

    [Fact]
    public void Inner_products_by_the_NTT_equal_direct_polynomial_multiplication()
    {
        foreach (PolynomialArithmetic arithmetic in s_kinds)
        {
            int[] a = Random(2, Columns * N, Q / 2), b = Random(3, Columns * N, 1 << 19), c = Random(4, N, 2), t = Random(5, N, Q / 2);
            var expected = new long[N];
            for (int j = 0; j < Columns; j++)
            {
                AddProduct(a.AsSpan(j * N, N), b.AsSpan(j * N, N), 1, expected);
            }

            (int[] sum, int[] less, int[] single) = Products(arithmetic, a, b, c, t);
            Assert.Equal(expected, sum.Select(value => Mod(value)));
            AddProduct(c, t, -1, expected);
            Assert.Equal(expected, less.Select(value => Mod(value)));
            var product = new long[N];
            AddProduct(c, t, 1, product);
            Assert.Equal(product, single.Select(value => Mod(value)));
        }
    }

    [Fact]
    public void All_kernels_give_identical_numbers_including_at_the_bounds()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            int[] a = seed == 0 ? Full(Columns * N, Q / 2) : seed == 1 ? Full(Columns * N, -Q / 2) : Random(seed, Columns * N, Q / 2);
            int[] b = seed < 2 ? Full(Columns * N, 1 << 19) : Random(seed + 1_000, Columns * N, 1 << 19);
            int[][] all = [.. s_kinds.Select(arithmetic =>
            {
                (int[] sum, int[] less, int[] single) = Products(arithmetic, a, b, a[..N], b[..N]);
                return (int[])[.. sum, .. less, .. single];
            })];
            Assert.All(all, one => Assert.Equal(all[0], one));
            Assert.All(all[0], value => Assert.InRange(value, -0.2 * Q, 1.2 * Q));
        }
    }

    [Fact]
    public void An_inner_product_of_the_largest_factors_does_not_overflow()
    {
        foreach (PolynomialArithmetic arithmetic in s_kinds)
        {
            int most = (int)(9.2 * Q);
            int[] row = Full(Columns * N, Q - 1), vector = Full(Columns * N, most), less = Full(N, -most), times = Full(N, Q),
            result = new int[N];
            arithmetic.SumLess(row, vector, less, times, result);
            long expected =
                Mod((System.Numerics.BigInteger)(Q - 1) * most * Columns + ((System.Numerics.BigInteger)most * Q), InverseOfTwoTo32);
            Assert.All(result, value => Assert.Equal(expected, Mod(value)));
            Assert.All(result, value => Assert.InRange(Math.Abs((long)value), 0, (long)(0.66 * Q)));

            // The inverse transform of the largest values stays within its bounds, and its results after the first are equal modulo q.
            int[] full = Full(N, (int)(0.66 * Q));
            arithmetic.Inverse(full);
            Assert.All(full, value => Assert.InRange(value, -0.2 * Q, 1.2 * Q));
            Assert.All(full[1..], value => Assert.Equal(0, Mod((value * 1L) - full[1])));
        }
    }

    [Theory]
    [InlineData(44)]
    [InlineData(87)]
    public void Every_coefficient_is_decomposed_as_the_standard_says(int set)
    {
        int gamma2 = set == 44 ? (Q - 1) / 88 : (Q - 1) / 32, wrong = 0;
        foreach (PolynomialArithmetic arithmetic in s_kinds)
        {
            int[] low = new int[N];
            byte[] high = new byte[N];
            for (int first = 0; first < Q; first += N)
            {
                for (int i = 0; i < N; i++)
                {
                    low[i] = (first + i) % Q;
                }

                arithmetic.Decompose(Support.DsaKeys.Set(set), low, high);
                for (int i = 0; i < N; i++)
                {
                    (int expectedHigh, int expectedLow) = Decompose((first + i) % Q, gamma2);
                    wrong += (high[i] ^ expectedHigh) | (low[i] ^ expectedLow);
                }
            }
        }

        Assert.Equal(0, wrong);
    }

    [Theory]
    [InlineData(44)]
    [InlineData(87)]
    public void A_hint_is_set_exactly_where_the_upper_part_changes(int set)
    {
        ParameterSet parameters = Support.DsaKeys.Set(set);
        int gamma2 = parameters.Gamma2, count = (Q - 1) / (2 * gamma2);
        int[] special = [0, 1, -1, gamma2, gamma2 + 1, gamma2 - 1, -gamma2, -gamma2 - 1, -gamma2 + 1, (2 * gamma2) - 1, 1 - (2 * gamma2)];
        foreach (PolynomialArithmetic arithmetic in s_kinds)
        {
            for (int seed = 0; seed < 50; seed++)
            {
                int[] low = Random(seed, N, 2 * gamma2);
                special.CopyTo(low, seed);
                byte[] high = [.. Random(seed + 100, N, count).Select(value => (byte)Math.Abs(value))], hints = new byte[N];
                high[seed + 6] = (byte)(seed % 2);
                arithmetic.Carries(gamma2, low, hints);
                HintEncoding.Decide(hints, high);
                for (int i = 0; i < N; i++)
                {
                    int sum = (int)Mod((high[i] * 2L * gamma2) + low[i]);
                    Assert.Equal(Decompose(sum, gamma2).High != high[i] ? 1 : 0, hints[i]);
                }
            }
        }
    }

    [Fact]
    public void Range_checks_are_correct_and_small_numbers_are_exact()
    {
        foreach (PolynomialArithmetic arithmetic in s_kinds)
        {
            for (int at = 0; at < N; at++)
            {
                int[] p = new int[N], product = new int[N];
                p[at] = 100;
                product[at] = Q + 23;
                Assert.True(arithmetic.AddWithin([.. p], product, 123));
                Assert.False(arithmetic.AddWithin([.. p], product, 122));
                int[] difference = [.. p];
                product[at] = 223 + Q;
                Assert.True(arithmetic.SubtractWithin(difference, product, 123));
                Assert.Equal(-123, difference[at]);
                Assert.False(arithmetic.SubtractWithin([.. p], product, 122));
                Assert.True(arithmetic.IsWithin(difference, 123));
                Assert.False(arithmetic.IsWithin(difference, 122));
            }
        }
    }

    private static (int[] Sum, int[] Less, int[] Single) Products(PolynomialArithmetic arithmetic, int[] a, int[] b, int[] c, int[] t)
    {
        int[] rows = [.. a], vector = [.. b], challenge = [.. c], other = [.. t], row = new int[a.Length];
        arithmetic.Forward(rows);
        arithmetic.Center(rows);
        arithmetic.Forward(vector);
        arithmetic.Forward(challenge);
        arithmetic.Forward(other);
        arithmetic.Center(other);
        for (int i = 0; i < rows.Length; i++)
        {
            row[(i % N / MatrixSampling.Chunk * MatrixSampling.Chunk * Columns) + (i / N * MatrixSampling.Chunk)
                + (i % MatrixSampling.Chunk)] = rows[i];
        }

        int[] sum = new int[N], less = new int[N], single = new int[N];
        arithmetic.Sum(row, vector, sum);
        arithmetic.SumLess(row, vector, challenge, other, less);
        arithmetic.Multiply(challenge, other, single);
        arithmetic.Inverse(sum);
        arithmetic.Inverse(less);
        arithmetic.Inverse(single);
        return (sum, less, single);
    }

    private static void AddProduct(ReadOnlySpan<int> a, ReadOnlySpan<int> b, int sign, long[] sum)
    {
        for (int i = 0; i < N; i++)
        {
            for (int j = 0; j < N; j++)
            {
                long product = Mod((long)a[i] * b[j] * (i + j < N ? sign : -sign));
                sum[(i + j) % N] = Mod(sum[(i + j) % N] + product);
            }
        }
    }

    // FIPS 204, algorithm 36, literally.
    private static (int High, int Low) Decompose(int r, int gamma2)
    {
        int low = r % (2 * gamma2);
        low = low > gamma2 ? low - (2 * gamma2) : low;
        return r - low == Q - 1 ? (0, low - 1) : ((r - low) / (2 * gamma2), low);
    }

    private static int[] Random(int seed, int length, int below)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(1 - below, below))];
    }

    private static int[] Full(int length, int value) => [.. Enumerable.Repeat(value, length)];

    private static long Mod(long value) => ((value % Q) + Q) % Q;

    private static long Mod(System.Numerics.BigInteger value, long times) => (long)(((value * times % Q) + Q) % Q);

    private static long Power(long number, int exponent)
    {
        long power = 1;
        for (int i = 0; i < exponent; i++)
        {
            power = Mod(power * number);
        }

        return power;
    }

    private static int Reverse(int value)
    {
        int reversed = 0;
        for (int bit = 0; bit < 8; bit++)
        {
            reversed |= ((value >> bit) & 1) << (7 - bit);
        }

        return reversed;
    }
}
