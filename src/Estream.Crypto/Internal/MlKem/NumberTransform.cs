using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Estream.Crypto.Internal.MlKem;

/// <summary>
/// The number-theoretic transform of FIPS 203 and its inverse (algorithms 9 and 10), generic over a single coefficient or a vector.
/// Coefficients are in the standard's order in inputs and outputs.
/// </summary>
/// <remarks>
/// Seven layers of butterflies. If the two halves of a butterfly are a vector or more apart, vectors are loaded directly. Closer halves are
/// brought into two vectors by <see cref="IModularLane{T}.Low"/> and <see cref="IModularLane{T}.High"/>, and back in the same manner.
/// </remarks>
internal static class NumberTransform<T, TOps>
    where T : struct
    where TOps : struct, IModularLane<T>
{
    /// <summary>128⁻¹ * R² modulo q: the scale factor of the inverse. It also multiplies by R, because a product was divided by
    /// R.</summary>
    private const short InverseScale = 1441;

    private static readonly LayerFactors s_forward16 = LayerFactors.Forward(TOps.Count, 16);
    private static readonly LayerFactors s_forward8 = LayerFactors.Forward(TOps.Count, 8);
    private static readonly LayerFactors s_forward4 = LayerFactors.Forward(TOps.Count, 4);
    private static readonly LayerFactors s_forward2 = LayerFactors.Forward(TOps.Count, 2);
    private static readonly LayerFactors s_inverse16 = LayerFactors.Inverse(TOps.Count, 16);
    private static readonly LayerFactors s_inverse8 = LayerFactors.Inverse(TOps.Count, 8);
    private static readonly LayerFactors s_inverse4 = LayerFactors.Inverse(TOps.Count, 4);
    private static readonly LayerFactors s_inverse2 = LayerFactors.Inverse(TOps.Count, 2);

    /// <summary>Transforms a polynomial in place.</summary>
    /// <param name="p">256 coefficients between -q and q; the results are between 0 and q, both included.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(Span<short> p)
    {
        int next = 1;
        for (int length = Parameters.N / 2; length >= Math.Max(TOps.Count, 2); length /= 2)
        {
            for (int start = 0; start < Parameters.N; start += 2 * length)
            {
                short zeta = Zetas.Values[next++];
                T z = TOps.Broadcast(zeta), zq = TOps.Broadcast(Zetas.OverQ(zeta));
                for (int at = start; at < start + length; at += TOps.Count)
                {
                    T low = TOps.Load(p, at);
                    T product = TOps.Multiply(TOps.Load(p, at + length), z, zq);
                    TOps.Store(TOps.Add(low, product), p, at);
                    TOps.Store(TOps.Subtract(low, product), p, at + length);
                }
            }
        }

        ForwardWithin(p);

        // Each layer adds less than q, so after seven layers a coefficient is below 8q, which is less than 2^15.
        for (int at = 0; at < Parameters.N; at += TOps.Count)
        {
            TOps.Store(TOps.Reduce(TOps.Load(p, at)), p, at);
        }
    }

    /// <summary>Transforms a polynomial back in place, and multiplies it by R.</summary>
    /// <param name="p">256 coefficients between -q and q; the results are in the same range.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Inverse(Span<short> p)
    {
        InverseWithin(p);
        int next = (Parameters.N / Math.Max(TOps.Count, 2)) - 1;
        for (int length = Math.Max(TOps.Count, 2); length <= Parameters.N / 2; length *= 2)
        {
            for (int start = 0; start < Parameters.N; start += 2 * length)
            {
                short zeta = Zetas.Values[next--];
                T z = TOps.Broadcast(zeta), zq = TOps.Broadcast(Zetas.OverQ(zeta));
                for (int at = start; at < start + length; at += TOps.Count)
                {
                    T low = TOps.Load(p, at), high = TOps.Load(p, at + length);
                    TOps.Store(TOps.Reduce(TOps.Add(low, high)), p, at);
                    TOps.Store(TOps.Multiply(TOps.Subtract(high, low), z, zq), p, at + length);
                }
            }
        }

        T scale = TOps.Broadcast(InverseScale), scaleOverQ = TOps.Broadcast(Zetas.OverQ(InverseScale));
        for (int at = 0; at < Parameters.N; at += TOps.Count)
        {
            TOps.Store(TOps.Multiply(TOps.Load(p, at), scale, scaleOverQ), p, at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ForwardWithin(Span<short> p)
    {
        for (int at = 0; TOps.Count > 1 && at < Parameters.N; at += 2 * TOps.Count)
        {
            T a = TOps.Load(p, at), b = TOps.Load(p, at + TOps.Count);
            if (TOps.Count > 16)
            {
                (a, b) = ForwardPair(a, b, s_forward16, at / 2, 16);
            }

            (a, b) = ForwardPair(a, b, s_forward8, at / 2, 8);
            (a, b) = ForwardPair(a, b, s_forward4, at / 2, 4);
            (a, b) = ForwardPair(a, b, s_forward2, at / 2, 2);
            TOps.Store(a, p, at);
            TOps.Store(b, p, at + TOps.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InverseWithin(Span<short> p)
    {
        for (int at = 0; TOps.Count > 1 && at < Parameters.N; at += 2 * TOps.Count)
        {
            T a = TOps.Load(p, at), b = TOps.Load(p, at + TOps.Count);
            (a, b) = InversePair(a, b, s_inverse2, at / 2, 2);
            (a, b) = InversePair(a, b, s_inverse4, at / 2, 4);
            (a, b) = InversePair(a, b, s_inverse8, at / 2, 8);
            if (TOps.Count > 16)
            {
                (a, b) = InversePair(a, b, s_inverse16, at / 2, 16);
            }

            TOps.Store(a, p, at);
            TOps.Store(b, p, at + TOps.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (T A, T B) ForwardPair(T a, T b, LayerFactors factors, int at, [ConstantExpected] int length)
    {
        T low = TOps.Low(a, b, length);
        T product = TOps.Multiply(TOps.High(a, b, length), TOps.Load(factors.Zetas, at), TOps.Load(factors.OverQ, at));
        T sum = TOps.Add(low, product), difference = TOps.Subtract(low, product);
        return (TOps.Low(sum, difference, length), TOps.High(sum, difference, length));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (T A, T B) InversePair(T a, T b, LayerFactors factors, int at, [ConstantExpected] int length)
    {
        T low = TOps.Low(a, b, length), high = TOps.High(a, b, length);
        T sum = TOps.Reduce(TOps.Add(low, high));
        T product = TOps.Multiply(TOps.Subtract(high, low), TOps.Load(factors.Zetas, at), TOps.Load(factors.OverQ, at));
        return (TOps.Low(sum, product, length), TOps.High(sum, product, length));
    }
}
