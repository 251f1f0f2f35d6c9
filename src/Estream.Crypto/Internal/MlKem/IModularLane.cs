using System.Diagnostics.CodeAnalysis;

namespace Estream.Crypto.Internal.MlKem;

/// <summary>Arithmetic modulo q on one signed coefficient of 16 bits, or on a vector of them.</summary>
/// <typeparam name="T">The coefficient, or the vector.</typeparam>
/// <remarks>No operation branches or takes an index by what it computes with. Every member is inlined.</remarks>
internal interface IModularLane<T>
    where T : struct
{
    /// <summary>How many coefficients are in it.</summary>
    static abstract int Count { get; }

    /// <summary>The coefficients from <paramref name="at"/> on.</summary>
    static abstract T Load(ReadOnlySpan<short> coefficients, int at);

    /// <summary>Puts them back.</summary>
    static abstract void Store(T value, Span<short> coefficients, int at);

    /// <summary>One number everywhere.</summary>
    static abstract T Broadcast(short value);

    /// <summary>The sum, modulo 2^16.</summary>
    static abstract T Add(T a, T b);

    /// <summary>The difference, modulo 2^16.</summary>
    static abstract T Subtract(T a, T b);

    /// <summary>
    /// The Montgomery product <c>a * b / R</c> modulo q, between -q and q, both excluded, for any <paramref name="a"/> and for
    /// <paramref name="b"/> between -q and q.
    /// </summary>
    /// <param name="a">One factor.</param>
    /// <param name="b">The other one.</param>
    /// <param name="bq"><c>b / q</c> modulo 2^16.</param>
    static abstract T Multiply(T a, T b, T bq);

    /// <summary>The same modulo q, between 0 and q, both included, for any number.</summary>
    static abstract T Reduce(T a);

    /// <summary>The same modulo q, from 0 to q - 1, for any number.</summary>
    static abstract T Canonical(T a);

    /// <summary>Of each 2 * <paramref name="length"/> coefficients of both, the first half: those of a, then those of b.</summary>
    /// <remarks>Low and High of Low and High are what they were made from.</remarks>
    static abstract T Low(T a, T b, [ConstantExpected] int length);

    /// <summary>Of each 2 * <paramref name="length"/> coefficients of both, the second half: those of a, then those of b.</summary>
    static abstract T High(T a, T b, [ConstantExpected] int length);
}
