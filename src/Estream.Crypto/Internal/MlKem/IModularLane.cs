using System.Diagnostics.CodeAnalysis;

namespace Estream.Crypto.Internal.MlKem;

/// <summary>Arithmetic modulo q on a signed coefficient of 16 bits, or on a vector of them.</summary>
/// <typeparam name="T">A coefficient or a vector of coefficients.</typeparam>
/// <remarks>No branch or index depends on the operands. Every member is inlined.</remarks>
internal interface IModularLane<T>
    where T : struct
{
    /// <summary>The number of coefficients of a <typeparamref name="T"/>.</summary>
    static abstract int Count { get; }

    /// <summary>Loads the coefficients from <paramref name="at"/> on.</summary>
    static abstract T Load(ReadOnlySpan<short> coefficients, int at);

    /// <summary>Stores coefficients.</summary>
    static abstract void Store(T value, Span<short> coefficients, int at);

    /// <summary>Returns a vector with the same number in every position.</summary>
    static abstract T Broadcast(short value);

    /// <summary>Returns the sum, modulo 2^16.</summary>
    static abstract T Add(T a, T b);

    /// <summary>Returns the difference, modulo 2^16.</summary>
    static abstract T Subtract(T a, T b);

    /// <summary>
    /// Returns the Montgomery product <c>a * b / R</c> modulo q, between -q and q, both excluded, for any <paramref name="a"/> and for
    /// <paramref name="b"/> between -q and q.
    /// </summary>
    /// <param name="a">The first factor.</param>
    /// <param name="b">The second factor.</param>
    /// <param name="bq"><c>b / q</c> modulo 2^16.</param>
    static abstract T Multiply(T a, T b, T bq);

    /// <summary>Reduces any number modulo q to between 0 and q, both included.</summary>
    static abstract T Reduce(T a);

    /// <summary>Reduces any number modulo q to 0 to q - 1.</summary>
    static abstract T Canonical(T a);

    /// <summary>Returns, for each block of 2 * <paramref name="length"/> coefficients, the first half of the block in a, followed by the
    /// first half of the block in b.</summary>
    /// <remarks>Applying Low and High to their own results restores the inputs.</remarks>
    static abstract T Low(T a, T b, [ConstantExpected] int length);

    /// <summary>Returns, for each block of 2 * <paramref name="length"/> coefficients, the second half of the block in a, followed by the
    /// second half of the block in b.</summary>
    static abstract T High(T a, T b, [ConstantExpected] int length);
}
