using System.Diagnostics.CodeAnalysis;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Arithmetic modulo q on one signed coefficient of 32 bits, or on a vector of them.</summary>
/// <typeparam name="T">The coefficient, or the vector.</typeparam>
/// <typeparam name="TWide">A sum of products in 64 bits: of the coefficient, or of every second one of the vector.</typeparam>
/// <remarks>No operation branches or takes an index by what it computes with. Every member is inlined.</remarks>
internal interface ICoefficientLane<T, TWide>
    where T : struct
    where TWide : struct
{
    /// <summary>How many coefficients are in it.</summary>
    static abstract int Count { get; }

    /// <summary>The coefficients from <paramref name="at"/> on.</summary>
    static abstract T Load(ReadOnlySpan<int> coefficients, int at);

    /// <summary>Puts them back.</summary>
    static abstract void Store(T value, Span<int> coefficients, int at);

    /// <summary>Puts each into a byte. They are from 0 to 127.</summary>
    static abstract void StoreBytes(T value, Span<byte> bytes, int at);

    /// <summary>One number everywhere.</summary>
    static abstract T Broadcast(int value);

    /// <summary>The sum, modulo 2^32.</summary>
    static abstract T Add(T a, T b);

    /// <summary>The difference, modulo 2^32.</summary>
    static abstract T Subtract(T a, T b);

    /// <summary>The bits both have.</summary>
    static abstract T And(T a, T b);

    /// <summary>The bits one has.</summary>
    static abstract T Or(T a, T b);

    /// <summary>Shifted to the right, with the sign.</summary>
    static abstract T ShiftRight(T a, [ConstantExpected] byte count);

    /// <summary>The product, modulo 2^32.</summary>
    static abstract T MultiplyLow(T a, T b);

    /// <summary>Without the sign.</summary>
    static abstract T Absolute(T a);

    /// <summary>Whether any of them is negative.</summary>
    static abstract bool AnyNegative(T a);

    /// <summary>
    /// A product with a constant modulo q, for any <paramref name="a"/>: between <c>-e*q</c> and <c>(1 + e)*q</c>, where e is <c>|a| /
    /// 2^33</c>.
    /// </summary>
    /// <param name="a">Any number.</param>
    /// <param name="b">A constant between -q/2 and q/2.</param>
    /// <param name="quotient">Its <see cref="Field.Quotient"/>.</param>
    static abstract T Multiply(T a, T b, T quotient);

    /// <summary><see cref="Multiply"/>, where the constant is the same for all coefficients.</summary>
    static abstract T MultiplyUniform(T a, T b, T quotient);

    /// <summary>The whole products of the first, third, … coefficients.</summary>
    static abstract TWide EvenProduct(T a, T b);

    /// <summary>The whole products of the second, fourth, … coefficients; nothing where there is only one.</summary>
    static abstract TWide OddProduct(T a, T b);

    /// <summary>The sum of wide numbers.</summary>
    static abstract TWide AddWide(TWide a, TWide b);

    /// <summary>The difference of wide numbers.</summary>
    static abstract TWide SubtractWide(TWide a, TWide b);

    /// <summary>Sums of products over 2^32 modulo q, not larger than <c>q/2 + |sum| / 2^32</c>.</summary>
    static abstract T ReduceWide(TWide even, TWide odd);

    /// <summary>Of each 2 * <paramref name="length"/> coefficients of both, the first half: those of a, then those of b.</summary>
    /// <remarks>Low and High of Low and High are what they were made from.</remarks>
    static abstract T Low(T a, T b, [ConstantExpected] int length);

    /// <summary>Of each 2 * <paramref name="length"/> coefficients of both, the second half: those of a, then those of b.</summary>
    static abstract T High(T a, T b, [ConstantExpected] int length);
}
