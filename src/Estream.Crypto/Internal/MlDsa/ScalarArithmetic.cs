namespace Estream.Crypto.Internal.MlDsa;

/// <summary>The arithmetic with single coefficients, for every processor.</summary>
/// <remarks>
/// The same steps as <see cref="PolynomialArithmetic{T, TWide, TOps}"/>, without branches or indices that depend on the coefficients. Not
/// generic, because ReadyToRun does not compile calls of static interface methods. This code is compiled ahead of time.
/// </remarks>
internal sealed class ScalarArithmetic : PolynomialArithmetic
{
    private const int Sign = 31;

    private readonly int[] _roots = RootTable.Standard.Roots;
    private readonly int[] _quotients = RootTable.Standard.Quotients;
    private readonly int _scaleQuotient = Field.Quotient(Field.InverseScale);
    private readonly int _lastQuotient = Field.Quotient(RootTable.LastInverse);

    /// <inheritdoc/>
    public override void Forward(Span<int> vector)
    {
        for (int at = 0; at < vector.Length; at += Field.N)
        {
            Span<int> p = vector.Slice(at, Field.N);
            for (int half = Field.N / 2, next = 1; half > 0; half /= 2)
            {
                for (int start = 0; start < Field.N; start += 2 * half, next++)
                {
                    ForwardLayer(p.Slice(start, half), p.Slice(start + half, half), _roots[next], _quotients[next]);
                }
            }
        }
    }

    /// <inheritdoc/>
    public override void Inverse(Span<int> p)
    {
        int next = Field.N - 1;
        for (int half = 1; half < Field.N / 2; half *= 2)
        {
            for (int start = 0; start < Field.N; start += 2 * half, next--)
            {
                InverseLayer(p.Slice(start, half), p.Slice(start + half, half), _roots[next], _quotients[next]);
            }
        }

        // The last layer, including the scaling.
        for (int at = 0; at < Field.N / 2; at++)
        {
            int low = p[at], high = p[at + (Field.N / 2)];
            p[at] = Product(low + high, Field.InverseScale, _scaleQuotient);
            p[at + (Field.N / 2)] = Product(high - low, RootTable.LastInverse, _lastQuotient);
        }
    }

    /// <inheritdoc/>
    public override void Sum(ReadOnlySpan<int> row, ReadOnlySpan<int> vector, Span<int> result)
    {
        for (int at = 0; at < Field.N; at++)
        {
            result[at] = Reduced(InnerProduct(row, vector, at));
        }
    }

    /// <inheritdoc/>
    public override void SumLess(ReadOnlySpan<int> row, ReadOnlySpan<int> vector, ReadOnlySpan<int> a, ReadOnlySpan<int> b,
        Span<int> result)
    {
        for (int at = 0; at < Field.N; at++)
        {
            result[at] = Reduced(InnerProduct(row, vector, at) - ((long)a[at] * b[at]));
        }
    }

    /// <inheritdoc/>
    public override void Multiply(ReadOnlySpan<int> a, ReadOnlySpan<int> b, Span<int> result)
    {
        for (int at = 0; at < Field.N; at++)
        {
            result[at] = Reduced((long)a[at] * b[at]);
        }
    }

    /// <inheritdoc/>
    public override void Center(Span<int> vector)
    {
        foreach (ref int coefficient in vector)
        {
            coefficient = Centered(coefficient);
        }
    }

    /// <inheritdoc/>
    public override void AddCanonical(Span<int> p, ReadOnlySpan<int> other)
    {
        for (int at = 0; at < p.Length; at++)
        {
            p[at] = Canonical(p[at] + other[at]);
        }
    }

    /// <inheritdoc/>
    public override void Decompose(ParameterSet parameters, Span<int> w, Span<byte> high)
    {
        bool isCoarse = parameters.HighBits == 4;
        int step = 2 * parameters.Gamma2;
        for (int at = 0; at < Field.N; at++)
        {
            int value = Canonical(w[at]);
            int upper = isCoarse ? Upper16(value) : Upper44(value);
            high[at] = (byte)upper;

            // If the upper part wrapped to zero at the end of the range, the lower part is negative: subtract q.
            int lower = value - (upper * step);
            w[at] = lower - ((((Field.Q / 2) - lower) >> Sign) & Field.Q);
        }
    }

    /// <inheritdoc/>
    public override bool AddWithin(Span<int> p, ReadOnlySpan<int> product, int limit)
    {
        int spare = limit;
        for (int at = 0; at < Field.N; at++)
        {
            p[at] = Centered(p[at] + product[at]);
            spare |= limit - Absolute(p[at]);
        }

        return spare >= 0;
    }

    /// <inheritdoc/>
    public override bool SubtractWithin(Span<int> p, ReadOnlySpan<int> product, int limit)
    {
        int spare = limit;
        for (int at = 0; at < Field.N; at++)
        {
            p[at] = Centered(p[at] - product[at]);
            spare |= limit - Absolute(p[at]);
        }

        return spare >= 0;
    }

    /// <inheritdoc/>
    public override bool IsWithin(ReadOnlySpan<int> vector, int limit)
    {
        int spare = limit;
        foreach (int coefficient in vector)
        {
            spare |= limit - Absolute(coefficient);
        }

        return spare >= 0;
    }

    /// <inheritdoc/>
    public override void Carries(int gamma2, ReadOnlySpan<int> low, Span<byte> hints)
    {
        for (int at = 0; at < Field.N; at++)
        {
            int above = gamma2 - low[at], below = gamma2 + low[at];
            int isOutside = (above | below) >> Sign;

            // Negative if "below" is zero, or if "below" is negative, in which case the value is already outside.
            int isLeast = (below - 1) >> Sign;
            hints[at] = (byte)((isOutside & 1) | (isLeast & 2));
        }
    }

    private static void ForwardLayer(Span<int> low, Span<int> high, int root, int quotient)
    {
        for (int at = 0; at < low.Length; at++)
        {
            int product = Product(high[at], root, quotient);
            high[at] = low[at] - product;
            low[at] += product;
        }
    }

    private static void InverseLayer(Span<int> low, Span<int> high, int root, int quotient)
    {
        for (int at = 0; at < low.Length; at++)
        {
            int difference = high[at] - low[at];
            low[at] += high[at];
            high[at] = Product(difference, root, quotient);
        }
    }

    // The row interleaves its polynomials in chunks.
    private static long InnerProduct(ReadOnlySpan<int> row, ReadOnlySpan<int> vector, int at)
    {
        int columns = vector.Length / Field.N;
        int next = (at / MatrixSampling.Chunk * columns * MatrixSampling.Chunk) + (at % MatrixSampling.Chunk);
        long sum = 0;
        for (int other = at; other < vector.Length; other += Field.N, next += MatrixSampling.Chunk)
        {
            sum += (long)row[next] * vector[other];
        }

        return sum;
    }

    private static int Product(int a, int b, int quotient) => (a * b) - ((int)(((long)a * quotient) >> 32) * Field.Q);

    private static int Reduced(long sum) => (int)((sum - ((long)((int)sum * Field.QInverse) * Field.Q)) >> 32);

    private static int Centered(int value) => value - (((value + (1 << 22)) >> 23) * Field.Q);

    private static int Canonical(int value)
    {
        value += ((value >> Sign) & Field.Q) - Field.Q;
        return value + ((value >> Sign) & Field.Q);
    }

    // Math.Abs branches, and throws for int.MinValue.
    private static int Absolute(int value) => (value ^ (value >> Sign)) - (value >> Sign);

    // Divides by 2 * γ2 = (q - 1) / 16 and rounds, without a division: 1025 / 2^22 is 1 / 4092, and 128 * 4092 is the step.
    private static int Upper16(int value) => (((((value + 127) >> 7) * 1025) + (1 << 21)) >> 22) & 15;

    // Divides by 2 * γ2 = (q - 1) / 44 and rounds: 11275 / 2^24 is 1 / 1488, and 128 * 1488 is the step. A quotient of 44 wraps to 0.
    private static int Upper44(int value)
    {
        int quotient = ((((value + 127) >> 7) * 11275) + (1 << 23)) >> 24;
        return quotient & ((quotient - 44) >> Sign);
    }
}
