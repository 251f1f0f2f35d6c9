using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Estream.Crypto.Internal.MlKem;

/// <summary>Arithmetic with polynomials modulo q, on the widest vectors of this processor.</summary>
/// <remarks>
/// Thread-safe and stateless. A polynomial is a span of 256 coefficients; a vector is several polynomials, concatenated. All kernels return
/// identical numbers, not merely numbers congruent modulo q. Their time does not depend on the operands.
/// </remarks>
internal abstract class PolynomialArithmetic
{
    /// <summary>The implementation without vectors, for every processor.</summary>
    public static PolynomialArithmetic Scalar { get; } = new PolynomialArithmetic<short, int, ScalarArithmetic>();

    /// <summary>The implementation with vectors of 256 bits; null without AVX2.</summary>
    public static PolynomialArithmetic? Wide { get; } =
        Avx2.IsSupported ? new PolynomialArithmetic<Vector256<short>, Vector256<short>, Arithmetic256>() : null;

    /// <summary>The implementation with vectors of 512 bits; null without AVX-512BW.</summary>
    public static PolynomialArithmetic? Widest { get; } =
        Avx512BW.IsSupported ? new PolynomialArithmetic<Vector512<short>, Vector512<short>, Arithmetic512>() : null;

    /// <summary>The fastest implementation on this processor.</summary>
    public static PolynomialArithmetic Best { get; } = Widest ?? Wide ?? Scalar;

    /// <summary>Transforms each polynomial in place.</summary>
    /// <param name="vector">Coefficients between -q and q; the results are between 0 and q, both included.</param>
    public abstract void Forward(Span<short> vector);

    /// <summary>Transforms a polynomial back in place, and multiplies it by R to undo the division of a product.</summary>
    /// <param name="polynomial">Coefficients between -q and q; the results are in the same range.</param>
    public abstract void Inverse(Span<short> polynomial);

    /// <inheritdoc cref="PolynomialProduct{T, TPair, TOps}.Prepare"/>
    public abstract void Prepare(ReadOnlySpan<short> vector, Span<short> straight, Span<short> crossed);

    /// <inheritdoc cref="PolynomialProduct{T, TPair, TOps}.Sum"/>
    public abstract void Sum(ReadOnlySpan<short> row, int stride, ReadOnlySpan<short> straight, ReadOnlySpan<short> crossed,
        Span<short> result);

    /// <summary>Multiplies each coefficient by R to undo the division of a product.</summary>
    /// <param name="polynomial">Any coefficients; the results are between -q and q.</param>
    public abstract void MultiplyByR(Span<short> polynomial);

    /// <summary>Adds a polynomial in place; the results are from 0 to q - 1.</summary>
    public abstract void Add(Span<short> polynomial, ReadOnlySpan<short> other);

    /// <summary>Subtracts a polynomial in place; the results are from 0 to q - 1.</summary>
    public abstract void Subtract(Span<short> polynomial, ReadOnlySpan<short> other);
}

/// <summary>The arithmetic with a given type of vector.</summary>
internal sealed class PolynomialArithmetic<T, TPair, TOps> : PolynomialArithmetic
    where T : struct
    where TPair : struct
    where TOps : struct, IModularLane<T>, IPairLane<TPair>
{
    /// <inheritdoc/>
    public override void Forward(Span<short> vector)
    {
        for (int at = 0; at < vector.Length; at += Parameters.N)
        {
            NumberTransform<T, TOps>.Forward(vector.Slice(at, Parameters.N));
        }
    }

    /// <inheritdoc/>
    public override void Inverse(Span<short> polynomial) => NumberTransform<T, TOps>.Inverse(polynomial[..Parameters.N]);

    /// <inheritdoc/>
    public override void Prepare(ReadOnlySpan<short> vector, Span<short> straight, Span<short> crossed) =>
        PolynomialProduct<T, TPair, TOps>.Prepare(vector, straight, crossed);

    /// <inheritdoc/>
    public override void Sum(ReadOnlySpan<short> row, int stride, ReadOnlySpan<short> straight, ReadOnlySpan<short> crossed,
        Span<short> result) =>
        PolynomialProduct<T, TPair, TOps>.Sum(row, stride, straight, crossed, result);

    /// <inheritdoc/>
    public override void MultiplyByR(Span<short> polynomial)
    {
        T factor = TOps.Broadcast(Parameters.RSquared), factorOverQ = TOps.Broadcast(Zetas.OverQ(Parameters.RSquared));
        for (int at = 0; at < polynomial.Length; at += TOps.Count)
        {
            TOps.Store(TOps.Multiply(TOps.Load(polynomial, at), factor, factorOverQ), polynomial, at);
        }
    }

    /// <inheritdoc/>
    public override void Add(Span<short> polynomial, ReadOnlySpan<short> other)
    {
        for (int at = 0; at < polynomial.Length; at += TOps.Count)
        {
            TOps.Store(TOps.Canonical(TOps.Add(TOps.Load(polynomial, at), TOps.Load(other, at))), polynomial, at);
        }
    }

    /// <inheritdoc/>
    public override void Subtract(Span<short> polynomial, ReadOnlySpan<short> other)
    {
        for (int at = 0; at < polynomial.Length; at += TOps.Count)
        {
            TOps.Store(TOps.Canonical(TOps.Subtract(TOps.Load(polynomial, at), TOps.Load(other, at))), polynomial, at);
        }
    }
}
