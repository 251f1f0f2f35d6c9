using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Arithmetic with polynomials modulo q, on the widest vectors of this processor.</summary>
/// <remarks>
/// Thread-safe. A polynomial is a span of 256 coefficients; a vector is several polynomials, concatenated. All kernels return identical
/// numbers, not merely numbers congruent modulo q. Their time does not depend on the operands. Methods that return a bool still process the
/// whole polynomial before they return.
/// </remarks>
internal abstract class PolynomialArithmetic
{
    // The implementations are created on demand. A process uses one of them, so its first signature does not wait for the tables of the
    // others.
    private static PolynomialArithmetic? s_scalar;
    private static PolynomialArithmetic? s_wide;
    private static PolynomialArithmetic? s_widest;

    /// <summary>The implementation without vectors, for every processor.</summary>
    public static PolynomialArithmetic Scalar => s_scalar ??= new ScalarArithmetic();

    /// <summary>The implementation with vectors of 256 bits; null without AVX2.</summary>
    public static PolynomialArithmetic? Wide =>
        Avx2.IsSupported ? s_wide ??= new PolynomialArithmetic<Vector256<int>, Vector256<long>, Coefficients256>() : null;

    /// <summary>The implementation with vectors of 512 bits; null without AVX-512F.</summary>
    public static PolynomialArithmetic? Widest =>
        Avx512F.IsSupported ? s_widest ??= new PolynomialArithmetic<Vector512<int>, Vector512<long>, Coefficients512>() : null;

    /// <summary>The fastest implementation on this processor that is compiled: <see cref="Scalar"/> until <see cref="VectorCode"/> has
    /// compiled the others.</summary>
    public static PolynomialArithmetic Best => VectorCode.IsCompiling ? Scalar : Fastest;

    /// <summary>The fastest implementation on this processor.</summary>
    public static PolynomialArithmetic Fastest => Widest ?? Wide ?? Scalar;

    /// <summary>Transforms each polynomial in place.</summary>
    /// <param name="vector">Coefficients not larger than q; the results are not larger than 9.2q.</param>
    public abstract void Forward(Span<int> vector);

    /// <inheritdoc cref="NumberTransform{T, TWide, TOps}.Inverse"/>
    public abstract void Inverse(Span<int> p);

    /// <summary>Computes the inner product of a row of a matrix and a vector, divided by 2^32.</summary>
    /// <param name="row">A row of <see cref="MatrixSampling.Expand"/>.</param>
    /// <param name="vector">As many polynomials as the row, coefficients not larger than 9.2q.</param>
    /// <param name="result">Receives a polynomial, coefficients not larger than 0.65q.</param>
    public abstract void Sum(ReadOnlySpan<int> row, ReadOnlySpan<int> vector, Span<int> result);

    /// <summary>Computes <see cref="Sum"/> less the product of two other polynomials.</summary>
    /// <param name="row">A row of <see cref="MatrixSampling.Expand"/>.</param>
    /// <param name="vector">As many polynomials as the row, coefficients not larger than 9.2q.</param>
    /// <param name="a">A polynomial, coefficients not larger than 9.2q.</param>
    /// <param name="b">A polynomial, coefficients not larger than q.</param>
    /// <param name="result">Receives a polynomial, coefficients not larger than 0.65q.</param>
    public abstract void SumLess(ReadOnlySpan<int> row, ReadOnlySpan<int> vector, ReadOnlySpan<int> a, ReadOnlySpan<int> b,
        Span<int> result);

    /// <summary>Computes the product of two transformed polynomials, divided by 2^32.</summary>
    /// <param name="a">Coefficients not larger than 9.2q.</param>
    /// <param name="b">Coefficients not larger than q.</param>
    /// <param name="result">Receives coefficients not larger than 0.52q.</param>
    public abstract void Multiply(ReadOnlySpan<int> a, ReadOnlySpan<int> b, Span<int> result);

    /// <summary>Reduces coefficients not larger than 9.2q to at most 0.75q. The result is exact if the number modulo q is near
    /// zero.</summary>
    public abstract void Center(Span<int> vector);

    /// <summary>Adds a polynomial, and reduces each coefficient to 0 to q - 1.</summary>
    /// <param name="p">The polynomial; receives the sum. The unreduced sums are from -q to 2q - 1.</param>
    /// <param name="other">The polynomial to add.</param>
    public abstract void AddCanonical(Span<int> p, ReadOnlySpan<int> other);

    /// <summary>Decomposes each coefficient (FIPS 204, algorithm 36).</summary>
    /// <param name="parameters">The parameter set, for γ2.</param>
    /// <param name="w">Coefficients between -q and 2q; receives the lower parts.</param>
    /// <param name="high">Receives the upper parts.</param>
    public abstract void Decompose(ParameterSet parameters, Span<int> w, Span<byte> high);

    /// <summary>Adds a product, and returns whether all sums are within a limit. Sums smaller than 2^21 are exact.</summary>
    /// <param name="p">A polynomial; receives the sum.</param>
    /// <param name="product">A result of <see cref="Inverse"/>.</param>
    /// <param name="limit">The largest permitted absolute value.</param>
    public abstract bool AddWithin(Span<int> p, ReadOnlySpan<int> product, int limit);

    /// <summary>Subtracts a product, and returns whether all differences are within a limit. Differences smaller than 2^21 are
    /// exact.</summary>
    /// <param name="p">A polynomial; receives the difference.</param>
    /// <param name="product">A result of <see cref="Inverse"/>.</param>
    /// <param name="limit">The largest permitted absolute value.</param>
    public abstract bool SubtractWithin(Span<int> p, ReadOnlySpan<int> product, int limit);

    /// <summary>Returns whether all coefficients are within a limit.</summary>
    /// <param name="vector">Any number of coefficients.</param>
    /// <param name="limit">The largest permitted absolute value.</param>
    public abstract bool IsWithin(ReadOnlySpan<int> vector, int limit);

    /// <summary>Finds the lower parts that carry into the upper parts (FIPS 204, algorithm 39).</summary>
    /// <param name="gamma2">Half of the rounding step.</param>
    /// <param name="low">The lower parts, including the added values.</param>
    /// <param name="hints">Receives a byte for each coefficient. Bit 0 is set if the coefficient carries whatever its upper part is, bit 1
    /// if it carries when its upper part is not zero.</param>
    public abstract void Carries(int gamma2, ReadOnlySpan<int> low, Span<byte> hints);
}
