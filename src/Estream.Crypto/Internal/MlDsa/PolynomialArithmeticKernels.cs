using System.Runtime.CompilerServices;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>The arithmetic with a given type of vector. The JIT compiles each kernel with full optimization at its first call.</summary>
internal sealed class PolynomialArithmetic<T, TWide, TOps> : PolynomialArithmetic
    where T : struct
    where TWide : struct
    where TOps : struct, ICoefficientLane<T, TWide>
{
    private const int Sign = 31;

    private readonly NumberTransform<T, TWide, TOps> _transform = new();

    /// <inheritdoc/>
    public override void Forward(Span<int> vector)
    {
        for (int at = 0; at < vector.Length; at += Field.N)
        {
            _transform.Forward(vector.Slice(at, Field.N));
        }
    }

    /// <inheritdoc/>
    public override void Inverse(Span<int> p) => _transform.Inverse(p[..Field.N]);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Sum(ReadOnlySpan<int> row, ReadOnlySpan<int> vector, Span<int> result)
    {
        int next = 0;
        for (int chunk = 0; chunk < Field.N; chunk += MatrixSampling.Chunk)
        {
            for (int at = chunk; at < chunk + MatrixSampling.Chunk; at += TOps.Count)
            {
                T a = TOps.Load(row, next + at - chunk), b = TOps.Load(vector, at);
                TWide even = TOps.EvenProduct(a, b), odd = TOps.OddProduct(a, b);
                int from = next + at - chunk + MatrixSampling.Chunk;
                for (int other = at + Field.N; other < vector.Length; other += Field.N, from += MatrixSampling.Chunk)
                {
                    a = TOps.Load(row, from);
                    b = TOps.Load(vector, other);
                    even = TOps.AddWide(even, TOps.EvenProduct(a, b));
                    odd = TOps.AddWide(odd, TOps.OddProduct(a, b));
                }

                TOps.Store(TOps.ReduceWide(even, odd), result, at);
            }

            next += vector.Length / Field.N * MatrixSampling.Chunk;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void SumLess(ReadOnlySpan<int> row, ReadOnlySpan<int> vector, ReadOnlySpan<int> a, ReadOnlySpan<int> b,
        Span<int> result)
    {
        int next = 0;
        for (int chunk = 0; chunk < Field.N; chunk += MatrixSampling.Chunk)
        {
            for (int at = chunk; at < chunk + MatrixSampling.Chunk; at += TOps.Count)
            {
                T x = TOps.Load(row, next + at - chunk), y = TOps.Load(vector, at);
                T less = TOps.Load(a, at), lessTimes = TOps.Load(b, at);
                TWide even = TOps.SubtractWide(TOps.EvenProduct(x, y), TOps.EvenProduct(less, lessTimes));
                TWide odd = TOps.SubtractWide(TOps.OddProduct(x, y), TOps.OddProduct(less, lessTimes));
                int from = next + at - chunk + MatrixSampling.Chunk;
                for (int other = at + Field.N; other < vector.Length; other += Field.N, from += MatrixSampling.Chunk)
                {
                    x = TOps.Load(row, from);
                    y = TOps.Load(vector, other);
                    even = TOps.AddWide(even, TOps.EvenProduct(x, y));
                    odd = TOps.AddWide(odd, TOps.OddProduct(x, y));
                }

                TOps.Store(TOps.ReduceWide(even, odd), result, at);
            }

            next += vector.Length / Field.N * MatrixSampling.Chunk;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Multiply(ReadOnlySpan<int> a, ReadOnlySpan<int> b, Span<int> result)
    {
        for (int at = 0; at < Field.N; at += TOps.Count)
        {
            T x = TOps.Load(a, at), y = TOps.Load(b, at);
            TOps.Store(TOps.ReduceWide(TOps.EvenProduct(x, y), TOps.OddProduct(x, y)), result, at);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Center(Span<int> vector)
    {
        for (int at = 0; at < vector.Length; at += TOps.Count)
        {
            TOps.Store(Centered(TOps.Load(vector, at)), vector, at);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void AddCanonical(Span<int> p, ReadOnlySpan<int> other)
    {
        for (int at = 0; at < p.Length; at += TOps.Count)
        {
            TOps.Store(Canonical(TOps.Add(TOps.Load(p, at), TOps.Load(other, at))), p, at);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Decompose(ParameterSet parameters, Span<int> w, Span<byte> high)
    {
        bool isCoarse = parameters.HighBits == 4;
        T step = TOps.Broadcast(2 * parameters.Gamma2);
        for (int at = 0; at < Field.N; at += TOps.Count)
        {
            T value = Canonical(TOps.Load(w, at));
            T upper = isCoarse ? Upper16(value) : Upper44(value);
            TOps.StoreBytes(upper, high, at);

            // If the upper part wrapped to zero at the end of the range, the lower part is negative: subtract q.
            T lower = TOps.Subtract(value, TOps.MultiplyLow(upper, step));
            T isTooMuch = TOps.ShiftRight(TOps.Subtract(TOps.Broadcast(Field.Q / 2), lower), Sign);
            TOps.Store(TOps.Subtract(lower, TOps.And(isTooMuch, TOps.Broadcast(Field.Q))), w, at);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override bool AddWithin(Span<int> p, ReadOnlySpan<int> product, int limit)
    {
        T most = TOps.Broadcast(limit), spare = most;
        for (int at = 0; at < Field.N; at += TOps.Count)
        {
            T sum = Centered(TOps.Add(TOps.Load(p, at), TOps.Load(product, at)));
            TOps.Store(sum, p, at);
            spare = TOps.Or(spare, TOps.Subtract(most, TOps.Absolute(sum)));
        }

        return !TOps.AnyNegative(spare);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override bool SubtractWithin(Span<int> p, ReadOnlySpan<int> product, int limit)
    {
        T most = TOps.Broadcast(limit), spare = most;
        for (int at = 0; at < Field.N; at += TOps.Count)
        {
            T difference = Centered(TOps.Subtract(TOps.Load(p, at), TOps.Load(product, at)));
            TOps.Store(difference, p, at);
            spare = TOps.Or(spare, TOps.Subtract(most, TOps.Absolute(difference)));
        }

        return !TOps.AnyNegative(spare);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override bool IsWithin(ReadOnlySpan<int> vector, int limit)
    {
        T most = TOps.Broadcast(limit), spare = most;
        for (int at = 0; at < vector.Length; at += TOps.Count)
        {
            spare = TOps.Or(spare, TOps.Subtract(most, TOps.Absolute(TOps.Load(vector, at))));
        }

        return !TOps.AnyNegative(spare);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Carries(int gamma2, ReadOnlySpan<int> low, Span<byte> hints)
    {
        T most = TOps.Broadcast(gamma2), one = TOps.Broadcast(1), two = TOps.Broadcast(2);
        for (int at = 0; at < Field.N; at += TOps.Count)
        {
            T value = TOps.Load(low, at);
            T above = TOps.Subtract(most, value), below = TOps.Add(most, value);
            T isOutside = TOps.ShiftRight(TOps.Or(above, below), Sign);

            // Negative if "below" is zero, or if "below" is negative, in which case the value is outside already.
            T isLeast = TOps.ShiftRight(TOps.Subtract(below, one), Sign);
            TOps.StoreBytes(TOps.Or(TOps.And(isOutside, one), TOps.And(isLeast, two)), hints, at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Centered(T value) => TOps.Subtract(
        value, TOps.MultiplyLow(TOps.ShiftRight(TOps.Add(value, TOps.Broadcast(1 << 22)), 23), TOps.Broadcast(Field.Q)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Canonical(T value)
    {
        T q = TOps.Broadcast(Field.Q);
        value = TOps.Subtract(TOps.Add(value, TOps.And(TOps.ShiftRight(value, Sign), q)), q);
        return TOps.Add(value, TOps.And(TOps.ShiftRight(value, Sign), q));
    }

    // Divides by 2 * γ2 = (q - 1) / 16 and rounds, without a division: 1025 / 2^22 is 1 / 4092, and 128 * 4092 is the step.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Upper16(T value)
    {
        T quotient = TOps.ShiftRight(TOps.Add(value, TOps.Broadcast(127)), 7);
        quotient = TOps.ShiftRight(TOps.Add(TOps.MultiplyLow(quotient, TOps.Broadcast(1025)), TOps.Broadcast(1 << 21)), 22);
        return TOps.And(quotient, TOps.Broadcast(15));
    }

    // Divides by 2 * γ2 = (q - 1) / 44 and rounds: 11275 / 2^24 is 1 / 1488, and 128 * 1488 is the step.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Upper44(T value)
    {
        T quotient = TOps.ShiftRight(TOps.Add(value, TOps.Broadcast(127)), 7);
        quotient = TOps.ShiftRight(TOps.Add(TOps.MultiplyLow(quotient, TOps.Broadcast(11275)), TOps.Broadcast(1 << 23)), 24);

        // A quotient of 44 wraps to 0.
        T isBelow = TOps.ShiftRight(TOps.Subtract(quotient, TOps.Broadcast(44)), Sign);
        return TOps.And(quotient, isBelow);
    }
}
