namespace Estream.Crypto.Internal.MlKem;

/// <summary>Products of polynomials of degree one, whose two coefficients lie beside each other: one of them, or a vector of
/// them.</summary>
/// <typeparam name="T">The pair, or the vector.</typeparam>
/// <remarks>A sum is a number of 32 bits in the place of a pair. No operation branches or takes an index by what it computes
/// with.</remarks>
internal interface IPairLane<T>
    where T : struct
{
    /// <summary>How many coefficients are in it.</summary>
    static abstract int PairedCount { get; }

    /// <summary>The coefficients from <paramref name="at"/> on.</summary>
    static abstract T LoadPairs(ReadOnlySpan<short> coefficients, int at);

    /// <summary>Puts them back.</summary>
    static abstract void StorePairs(T value, Span<short> coefficients, int at);

    /// <summary>The two coefficients of each pair in the other order.</summary>
    static abstract T SwapPairs(T a);

    /// <summary>The sum of the product of the first coefficients and that of the second ones, in 32 bits.</summary>
    static abstract T MultiplyPairs(T a, T b);

    /// <summary>The sum of sums.</summary>
    static abstract T AddSums(T a, T b);

    /// <summary>Pairs of two sums divided by R, modulo q, between -q and q, both excluded, for sums between -q * 2^15 and q *
    /// 2^15.</summary>
    /// <param name="first">The sums that become first coefficients.</param>
    /// <param name="second">The sums that become second coefficients.</param>
    static abstract T ReduceSums(T first, T second);
}
