using System.Diagnostics.CodeAnalysis;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Arithmetic modulo q on a signed coefficient of 32 bits, or on a vector of them.</summary>
/// <typeparam name="T">A coefficient or a vector of coefficients.</typeparam>
/// <typeparam name="TWide">A 64-bit sum of products: of the coefficient, or of every second coefficient of the vector.</typeparam>
/// <remarks>No branch or index depends on the operands. Every member is inlined.</remarks>
internal interface ICoefficientLane<T, TWide>
    where T : struct
    where TWide : struct
{
    /// <summary>The number of coefficients of a <typeparamref name="T"/>.</summary>
    static abstract int Count { get; }

    /// <summary>Loads the coefficients from <paramref name="at"/> on.</summary>
    static abstract T Load(ReadOnlySpan<int> coefficients, int at);

    /// <summary>Stores coefficients.</summary>
    static abstract void Store(T value, Span<int> coefficients, int at);

    /// <summary>Stores each coefficient, which is from 0 to 127, as a byte.</summary>
    static abstract void StoreBytes(T value, Span<byte> bytes, int at);

    /// <summary>Returns a vector with the same number in every position.</summary>
    static abstract T Broadcast(int value);

    /// <summary>Returns the sum, modulo 2^32.</summary>
    static abstract T Add(T a, T b);

    /// <summary>Returns the difference, modulo 2^32.</summary>
    static abstract T Subtract(T a, T b);

    /// <summary>Returns the bitwise and.</summary>
    static abstract T And(T a, T b);

    /// <summary>Returns the bitwise or.</summary>
    static abstract T Or(T a, T b);

    /// <summary>Shifts to the right and keeps the sign.</summary>
    static abstract T ShiftRight(T a, [ConstantExpected] byte count);

    /// <summary>Returns the product, modulo 2^32.</summary>
    static abstract T MultiplyLow(T a, T b);

    /// <summary>Returns the absolute value.</summary>
    static abstract T Absolute(T a);

    /// <summary>Returns whether any coefficient is negative.</summary>
    static abstract bool AnyNegative(T a);

    /// <summary>
    /// Multiplies by a constant modulo q, for any <paramref name="a"/>. The product is between <c>-e*q</c> and <c>(1 + e)*q</c>, where e is
    /// <c>|a| / 2^33</c>.
    /// </summary>
    /// <param name="a">Any number.</param>
    /// <param name="b">A constant between -q/2 and q/2.</param>
    /// <param name="quotient">The <see cref="Field.Quotient"/> of <paramref name="b"/>.</param>
    static abstract T Multiply(T a, T b, T quotient);

    /// <summary><see cref="Multiply"/> with the same constant for all coefficients.</summary>
    static abstract T MultiplyUniform(T a, T b, T quotient);

    /// <summary>Returns the full products of the first, third, … coefficients.</summary>
    static abstract TWide EvenProduct(T a, T b);

    /// <summary>Returns the full products of the second, fourth, … coefficients; zero for a single coefficient.</summary>
    static abstract TWide OddProduct(T a, T b);

    /// <summary>Returns the sum of wide numbers.</summary>
    static abstract TWide AddWide(TWide a, TWide b);

    /// <summary>Returns the difference of wide numbers.</summary>
    static abstract TWide SubtractWide(TWide a, TWide b);

    /// <summary>Divides sums of products by 2^32 modulo q. The result is not larger than <c>q/2 + |sum| / 2^32</c>.</summary>
    static abstract T ReduceWide(TWide even, TWide odd);

    /// <summary>Returns, for each block of 2 * <paramref name="length"/> coefficients, the first half of the block in a, followed by the
    /// first half of the block in b.</summary>
    /// <remarks>Applying Low and High to their own results restores the inputs.</remarks>
    static abstract T Low(T a, T b, [ConstantExpected] int length);

    /// <summary>Returns, for each block of 2 * <paramref name="length"/> coefficients, the second half of the block in a, followed by the
    /// second half of the block in b.</summary>
    static abstract T High(T a, T b, [ConstantExpected] int length);
}
