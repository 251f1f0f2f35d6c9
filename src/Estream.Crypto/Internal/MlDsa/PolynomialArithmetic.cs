using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Everything that is computed with polynomials modulo q, on the widest vectors this processor has.</summary>
/// <remarks>
/// Thread-safe. Polynomials are spans of 256 coefficients, vectors of them stand one behind the other. All kernels give the same numbers,
/// not only numbers that are the same modulo q. Their time does not depend on what they compute with, except that what is answered by a
/// bool is known after the polynomial that decides it.
/// </remarks>
internal abstract class PolynomialArithmetic
{
    // Made when they are asked for: a process uses one, and its first signature does not wait for the others' tables.
    private static PolynomialArithmetic? s_scalar;
    private static PolynomialArithmetic? s_wide;
    private static PolynomialArithmetic? s_widest;

    /// <summary>Without vectors, on every processor.</summary>
    public static PolynomialArithmetic Scalar => s_scalar ??= new PolynomialArithmetic<int, long, ScalarCoefficient>();

    /// <summary>In vectors of 256 bits (AVX2), where there are some.</summary>
    public static PolynomialArithmetic? Wide =>
        Avx2.IsSupported ? s_wide ??= new PolynomialArithmetic<Vector256<int>, Vector256<long>, Coefficients256>() : null;

    /// <summary>In vectors of 512 bits (AVX-512F), where there are some.</summary>
    public static PolynomialArithmetic? Widest =>
        Avx512F.IsSupported ? s_widest ??= new PolynomialArithmetic<Vector512<int>, Vector512<long>, Coefficients512>() : null;

    /// <summary>The fastest.</summary>
    public static PolynomialArithmetic Best => Widest ?? Wide ?? Scalar;

    /// <summary>Transforms each polynomial in place.</summary>
    /// <param name="vector">Coefficients not larger than q; afterwards not larger than 9.2q.</param>
    public abstract void Forward(Span<int> vector);

    /// <inheritdoc cref="NumberTransform{T, TWide, TOps}.Inverse"/>
    public abstract void Inverse(Span<int> p);

    /// <summary>The inner product of a row of a matrix with a vector, over 2^32.</summary>
    /// <param name="row">A row of <see cref="MatrixSampling.Expand"/>.</param>
    /// <param name="vector">As many polynomials, coefficients not larger than 9.2q.</param>
    /// <param name="result">A polynomial, coefficients not larger than 0.65q.</param>
    public abstract void Sum(ReadOnlySpan<int> row, ReadOnlySpan<int> vector, Span<int> result);

    /// <summary>The same, less the product of two other polynomials.</summary>
    /// <param name="row">A row of <see cref="MatrixSampling.Expand"/>.</param>
    /// <param name="vector">As many polynomials, coefficients not larger than 9.2q.</param>
    /// <param name="a">A polynomial, coefficients not larger than 9.2q.</param>
    /// <param name="b">A polynomial, coefficients not larger than q.</param>
    /// <param name="result">A polynomial, coefficients not larger than 0.65q.</param>
    public abstract void SumLess(ReadOnlySpan<int> row, ReadOnlySpan<int> vector, ReadOnlySpan<int> a, ReadOnlySpan<int> b,
        Span<int> result);

    /// <summary>The product of two transformed polynomials, over 2^32.</summary>
    /// <param name="a">Coefficients not larger than 9.2q.</param>
    /// <param name="b">Coefficients not larger than q.</param>
    /// <param name="result">Coefficients not larger than 0.52q.</param>
    public abstract void Multiply(ReadOnlySpan<int> a, ReadOnlySpan<int> b, Span<int> result);

    /// <summary>Makes coefficients that are not larger than 9.2q small: at most 0.75q, and exact where the number modulo q is near
    /// zero.</summary>
    public abstract void Center(Span<int> vector);

    /// <summary>Adds a polynomial, and takes each coefficient from 0 to q - 1.</summary>
    /// <param name="p">The sums are from -q to 2q - 1.</param>
    /// <param name="other">What is added.</param>
    public abstract void AddCanonical(Span<int> p, ReadOnlySpan<int> other);

    /// <summary>Takes each coefficient apart (FIPS 204, algorithm 36).</summary>
    /// <param name="parameters">Whose γ2.</param>
    /// <param name="w">Coefficients between -q and 2q; becomes the lower parts.</param>
    /// <param name="high">Becomes the upper parts.</param>
    public abstract void Decompose(ParameterSet parameters, Span<int> w, Span<byte> high);

    /// <summary>Adds a product, and says whether all sums are small. They are exact where they are smaller than 2^21.</summary>
    /// <param name="p">A polynomial; becomes the sum.</param>
    /// <param name="product">What <see cref="Inverse"/> gave.</param>
    /// <param name="limit">The largest absolute value that is small.</param>
    public abstract bool AddWithin(Span<int> p, ReadOnlySpan<int> product, int limit);

    /// <summary>Subtracts a product, and says whether all differences are small. They are exact where they are smaller than 2^21.</summary>
    /// <param name="p">A polynomial; becomes the difference.</param>
    /// <param name="product">What <see cref="Inverse"/> gave.</param>
    /// <param name="limit">The largest absolute value that is small.</param>
    public abstract bool SubtractWithin(Span<int> p, ReadOnlySpan<int> product, int limit);

    /// <summary>Whether all coefficients are small.</summary>
    /// <param name="vector">Any number of them.</param>
    /// <param name="limit">The largest absolute value that is small.</param>
    public abstract bool IsWithin(ReadOnlySpan<int> vector, int limit);

    /// <summary>Where the lower parts carry into the upper ones (FIPS 204, algorithm 39).</summary>
    /// <param name="gamma2">Half of the step.</param>
    /// <param name="low">The lower parts, with what was added to them.</param>
    /// <param name="hints">Becomes 1 for each coefficient that carries; 2 where it does if the upper part is not zero; 0 for
    /// others.</param>
    public abstract void Carries(int gamma2, ReadOnlySpan<int> low, Span<byte> hints);
}
