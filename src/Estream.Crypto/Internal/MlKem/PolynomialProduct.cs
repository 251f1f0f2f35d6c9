using System.Runtime.CompilerServices;

namespace Estream.Crypto.Internal.MlKem;

/// <summary>Inner products of vectors of transformed polynomials (FIPS 203, algorithms 11 and 12), generic over a single pair or a vector
/// of pairs.</summary>
/// <remarks>
/// The product of two pairs (a, b) and (c, d) is (a*c + γ*b*d, a*d + b*c). One factor is prepared once, as (c, γ*d) and as (d, c), and then
/// used with many others. Each product is two multiplications of pairs, summed over the vector in 32 bits and divided by R once at the end.
/// </remarks>
internal static class PolynomialProduct<T, TPair, TOps>
    where T : struct
    where TPair : struct
    where TOps : struct, IModularLane<T>, IPairLane<TPair>
{
    private static readonly short[] s_gammas = Zetas.Gammas();

    private static readonly short[] s_gammasOverQ = [.. s_gammas.Select(Zetas.OverQ)];

    /// <summary>Prepares a vector of polynomials with coefficients between -q and q.</summary>
    /// <param name="vector">Any number of polynomials.</param>
    /// <param name="straight">Receives (c, γ*d) for each pair.</param>
    /// <param name="crossed">Receives (d, c) for each pair.</param>
    public static void Prepare(ReadOnlySpan<short> vector, Span<short> straight, Span<short> crossed)
    {
        for (int at = 0; at < vector.Length; at += TOps.Count)
        {
            int factor = at % Parameters.N;
            TOps.Store(TOps.Multiply(TOps.Load(vector, at), TOps.Load(s_gammas, factor), TOps.Load(s_gammasOverQ, factor)), straight, at);
        }

        for (int at = 0; at < vector.Length; at += TOps.PairedCount)
        {
            TOps.StorePairs(TOps.SwapPairs(TOps.LoadPairs(vector, at)), crossed, at);
        }
    }

    /// <summary>Computes the sum of four products, divided by R.</summary>
    /// <param name="row">Four polynomials with coefficients between -q and q, every <paramref name="stride"/> coefficients.</param>
    /// <param name="stride">The distance from one polynomial of the row to the next, in coefficients.</param>
    /// <param name="straight">The other four polynomials, prepared by <see cref="Prepare"/>.</param>
    /// <param name="crossed">The other four polynomials, prepared by <see cref="Prepare"/>.</param>
    /// <param name="result">Receives a polynomial with coefficients between -q and q.</param>
    /// <remarks>Eight products of less than q² each are below 2^15 * q, the limit of a sum.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum(ReadOnlySpan<short> row, int stride, ReadOnlySpan<short> straight, ReadOnlySpan<short> crossed,
        Span<short> result)
    {
        for (int at = 0; at < Parameters.N; at += TOps.PairedCount)
        {
            TPair value = TOps.LoadPairs(row, at);
            TPair first = TOps.MultiplyPairs(value, TOps.LoadPairs(straight, at));
            TPair second = TOps.MultiplyPairs(value, TOps.LoadPairs(crossed, at));
            for (int j = 1; j < Parameters.K; j++)
            {
                value = TOps.LoadPairs(row, (j * stride) + at);
                first = TOps.AddSums(first, TOps.MultiplyPairs(value, TOps.LoadPairs(straight, (j * Parameters.N) + at)));
                second = TOps.AddSums(second, TOps.MultiplyPairs(value, TOps.LoadPairs(crossed, (j * Parameters.N) + at)));
            }

            TOps.StorePairs(TOps.ReduceSums(first, second), result, at);
        }
    }
}
