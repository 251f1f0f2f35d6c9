namespace Estream.Crypto.Internal.MlKem;

/// <summary>Products of polynomials of degree one, stored as pairs of adjacent coefficients: a single pair, or a vector of pairs.</summary>
/// <typeparam name="T">A pair or a vector of pairs.</typeparam>
/// <remarks>A sum is a 32-bit number that takes the space of a pair. No branch or index depends on the operands.</remarks>
internal interface IPairLane<T>
    where T : struct
{
    /// <summary>The number of coefficients of a <typeparamref name="T"/>.</summary>
    static abstract int PairedCount { get; }

    /// <summary>Loads the coefficients from <paramref name="at"/> on.</summary>
    static abstract T LoadPairs(ReadOnlySpan<short> coefficients, int at);

    /// <summary>Stores coefficients.</summary>
    static abstract void StorePairs(T value, Span<short> coefficients, int at);

    /// <summary>Swaps the two coefficients of each pair.</summary>
    static abstract T SwapPairs(T a);

    /// <summary>Returns, for each pair, the product of the first coefficients plus the product of the second coefficients, in 32
    /// bits.</summary>
    static abstract T MultiplyPairs(T a, T b);

    /// <summary>Adds sums.</summary>
    static abstract T AddSums(T a, T b);

    /// <summary>Divides sums by R modulo q and combines them into pairs. The results are between -q and q, both excluded, for sums between
    /// -q * 2^15 and q * 2^15.</summary>
    /// <param name="first">The sums that become first coefficients.</param>
    /// <param name="second">The sums that become second coefficients.</param>
    static abstract T ReduceSums(T first, T second);
}
