using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>
/// The number-theoretic transform of FIPS 204 and its inverse (algorithms 41 and 42), generic over the type of vector.
/// Coefficients are in the standard's order in inputs and outputs.
/// </summary>
/// <remarks>
/// Eight layers of butterflies. Layers whose halves are a vector or more apart run two at a time. The layers with closer halves run in a
/// single pass, in which <see cref="ICoefficientLane{T, TWide}.Low"/> and <see cref="ICoefficientLane{T, TWide}.High"/> bring the halves
/// into two vectors. Nothing is reduced in between; the documented bounds show that no sum overflows. The tables are instance fields, so no
/// method checks whether they are initialized.
/// </remarks>
internal sealed class NumberTransform<T, TWide, TOps>
    where T : struct
    where TWide : struct
    where TOps : struct, ICoefficientLane<T, TWide>
{
    private const int FirstPass = Field.N / 4;
    private const int SecondPass = Field.N / 16;

    private readonly int[] _roots = RootTable.Standard.Roots;
    private readonly int[] _quotients = RootTable.Standard.Quotients;
    private readonly RootTable _forward8 = RootTable.Forward(TOps.Count, 8);
    private readonly RootTable _forward4 = RootTable.Forward(TOps.Count, 4);
    private readonly RootTable _forward2 = RootTable.Forward(TOps.Count, 2);
    private readonly RootTable _forward1 = RootTable.Forward(TOps.Count, 1);
    private readonly RootTable _inverse8 = RootTable.Inverse(TOps.Count, 8);
    private readonly RootTable _inverse4 = RootTable.Inverse(TOps.Count, 4);
    private readonly RootTable _inverse2 = RootTable.Inverse(TOps.Count, 2);
    private readonly RootTable _inverse1 = RootTable.Inverse(TOps.Count, 1);
    private readonly int _scale = Field.InverseScale;
    private readonly int _scaleQuotient = Field.Quotient(Field.InverseScale);
    private readonly int _lastRoot = RootTable.LastInverse;
    private readonly int _lastQuotient = Field.Quotient(RootTable.LastInverse);

    /// <summary>Transforms a polynomial in place.</summary>
    /// <param name="p">256 coefficients, not larger than q. Each layer adds at most 1.01q to that bound.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Forward(Span<int> p)
    {
        for (int quarter = FirstPass; quarter >= SecondPass; quarter /= 4)
        {
            for (int start = 0; start < Field.N; start += 4 * quarter)
            {
                int first = (Field.N / 4 / quarter) + (start / (4 * quarter));
                ForwardQuarters(p, start, quarter, first);
            }
        }

        for (int at = 0; at < Field.N; at += 2 * TOps.Count)
        {
            T a = TOps.Load(p, at), b = TOps.Load(p, at + TOps.Count);
            (a, b) = ForwardPair(a, b, _forward8, at / 2, 8);
            (a, b) = ForwardPair(a, b, _forward4, at / 2, 4);
            (a, b) = ForwardPair(a, b, _forward2, at / 2, 2);
            (a, b) = ForwardPair(a, b, _forward1, at / 2, 1);
            TOps.Store(a, p, at);
            TOps.Store(b, p, at + TOps.Count);
        }
    }

    /// <summary>Transforms a polynomial back in place, and multiplies it by 2^32 to undo the division of a product.</summary>
    /// <param name="p">
    /// 256 coefficients, not larger than 0.66q. Each of the eight layers doubles that bound, to at most 169q; 2^31 is 256q, so nothing
    /// overflows. The results are between -0.2q and 1.2q.
    /// </param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Inverse(Span<int> p)
    {
        for (int at = 0; at < Field.N; at += 2 * TOps.Count)
        {
            T a = TOps.Load(p, at), b = TOps.Load(p, at + TOps.Count);
            (a, b) = InversePair(a, b, _inverse1, at / 2, 1);
            (a, b) = InversePair(a, b, _inverse2, at / 2, 2);
            (a, b) = InversePair(a, b, _inverse4, at / 2, 4);
            (a, b) = InversePair(a, b, _inverse8, at / 2, 8);
            TOps.Store(a, p, at);
            TOps.Store(b, p, at + TOps.Count);
        }

        for (int quarter = SecondPass; quarter < FirstPass; quarter *= 4)
        {
            for (int start = 0; start < Field.N; start += 4 * quarter)
            {
                int last = (Field.N / 2 / quarter) - 1 - (start / (4 * quarter));
                InverseQuarters(p, start, quarter, last);
            }
        }

        InverseLast(p);
    }

    // Two layers: first halves two quarters apart with one root, then halves one quarter apart with the two following roots.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ForwardQuarters(Span<int> p, int start, int quarter, int first)
    {
        T root = TOps.Broadcast(_roots[first]), quotient = TOps.Broadcast(_quotients[first]);
        T rootLow = TOps.Broadcast(_roots[2 * first]), quotientLow = TOps.Broadcast(_quotients[2 * first]);
        T rootHigh = TOps.Broadcast(_roots[(2 * first) + 1]), quotientHigh = TOps.Broadcast(_quotients[(2 * first) + 1]);
        for (int at = start; at < start + quarter; at += TOps.Count)
        {
            T x0 = TOps.Load(p, at), x1 = TOps.Load(p, at + quarter);
            T product2 = TOps.MultiplyUniform(TOps.Load(p, at + (2 * quarter)), root, quotient);
            T product3 = TOps.MultiplyUniform(TOps.Load(p, at + (3 * quarter)), root, quotient);
            T x2 = TOps.Subtract(x0, product2), x3 = TOps.Subtract(x1, product3);
            x0 = TOps.Add(x0, product2);
            x1 = TOps.MultiplyUniform(TOps.Add(x1, product3), rootLow, quotientLow);
            x3 = TOps.MultiplyUniform(x3, rootHigh, quotientHigh);
            TOps.Store(TOps.Add(x0, x1), p, at);
            TOps.Store(TOps.Subtract(x0, x1), p, at + quarter);
            TOps.Store(TOps.Add(x2, x3), p, at + (2 * quarter));
            TOps.Store(TOps.Subtract(x2, x3), p, at + (3 * quarter));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void InverseQuarters(Span<int> p, int start, int quarter, int last)
    {
        T root = TOps.Broadcast(_roots[last]), quotient = TOps.Broadcast(_quotients[last]);
        T rootLow = TOps.Broadcast(_roots[(2 * last) + 1]), quotientLow = TOps.Broadcast(_quotients[(2 * last) + 1]);
        T rootHigh = TOps.Broadcast(_roots[2 * last]), quotientHigh = TOps.Broadcast(_quotients[2 * last]);
        for (int at = start; at < start + quarter; at += TOps.Count)
        {
            T x0 = TOps.Load(p, at), x1 = TOps.Load(p, at + quarter);
            T x2 = TOps.Load(p, at + (2 * quarter)), x3 = TOps.Load(p, at + (3 * quarter));
            T sumLow = TOps.Add(x0, x1), sumHigh = TOps.Add(x2, x3);
            x1 = TOps.MultiplyUniform(TOps.Subtract(x1, x0), rootLow, quotientLow);
            x3 = TOps.MultiplyUniform(TOps.Subtract(x3, x2), rootHigh, quotientHigh);
            TOps.Store(TOps.Add(sumLow, sumHigh), p, at);
            TOps.Store(TOps.Add(x1, x3), p, at + quarter);
            TOps.Store(TOps.MultiplyUniform(TOps.Subtract(sumHigh, sumLow), root, quotient), p, at + (2 * quarter));
            TOps.Store(TOps.MultiplyUniform(TOps.Subtract(x3, x1), root, quotient), p, at + (3 * quarter));
        }
    }

    // The last two layers, including the scaling.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void InverseLast(Span<int> p)
    {
        T scale = TOps.Broadcast(_scale), scaleQuotient = TOps.Broadcast(_scaleQuotient);
        T root = TOps.Broadcast(_lastRoot), quotient = TOps.Broadcast(_lastQuotient);
        T rootLow = TOps.Broadcast(_roots[3]), quotientLow = TOps.Broadcast(_quotients[3]);
        T rootHigh = TOps.Broadcast(_roots[2]), quotientHigh = TOps.Broadcast(_quotients[2]);
        for (int at = 0; at < FirstPass; at += TOps.Count)
        {
            T x0 = TOps.Load(p, at), x1 = TOps.Load(p, at + FirstPass);
            T x2 = TOps.Load(p, at + (2 * FirstPass)), x3 = TOps.Load(p, at + (3 * FirstPass));
            T sumLow = TOps.Add(x0, x1), sumHigh = TOps.Add(x2, x3);
            x1 = TOps.MultiplyUniform(TOps.Subtract(x1, x0), rootLow, quotientLow);
            x3 = TOps.MultiplyUniform(TOps.Subtract(x3, x2), rootHigh, quotientHigh);
            TOps.Store(TOps.MultiplyUniform(TOps.Add(sumLow, sumHigh), scale, scaleQuotient), p, at);
            TOps.Store(TOps.MultiplyUniform(TOps.Add(x1, x3), scale, scaleQuotient), p, at + FirstPass);
            TOps.Store(TOps.MultiplyUniform(TOps.Subtract(sumHigh, sumLow), root, quotient), p, at + (2 * FirstPass));
            TOps.Store(TOps.MultiplyUniform(TOps.Subtract(x3, x1), root, quotient), p, at + (3 * FirstPass));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (T A, T B) ForwardPair(T a, T b, RootTable table, int at, [ConstantExpected] int length)
    {
        T low = TOps.Low(a, b, length);
        T product = TOps.Multiply(TOps.High(a, b, length), TOps.Load(table.Roots, at), TOps.Load(table.Quotients, at));
        T sum = TOps.Add(low, product), difference = TOps.Subtract(low, product);
        return (TOps.Low(sum, difference, length), TOps.High(sum, difference, length));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (T A, T B) InversePair(T a, T b, RootTable table, int at, [ConstantExpected] int length)
    {
        T low = TOps.Low(a, b, length), high = TOps.High(a, b, length);
        T sum = TOps.Add(low, high);
        T product = TOps.Multiply(TOps.Subtract(high, low), TOps.Load(table.Roots, at), TOps.Load(table.Quotients, at));
        return (TOps.Low(sum, product, length), TOps.High(sum, product, length));
    }
}
