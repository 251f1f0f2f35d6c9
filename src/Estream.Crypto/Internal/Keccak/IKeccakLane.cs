using System.Diagnostics.CodeAnalysis;

namespace Estream.Crypto.Internal.Keccak;

/// <summary>What the permutation does with one word of the state: a number, or a vector with the same word of several states.</summary>
/// <typeparam name="T">The word.</typeparam>
/// <remarks>Every member becomes one or two instructions of the caller: they are inlined, and <c>count</c> is a constant there.</remarks>
internal interface IKeccakLane<T>
    where T : struct
{
    /// <summary>The word that begins there.</summary>
    static abstract T Load(ReadOnlySpan<ulong> state, int at);

    /// <summary>Puts a word back.</summary>
    static abstract void Store(T word, Span<ulong> state, int at);

    /// <summary>The exclusive or of three words.</summary>
    static abstract T Xor(T a, T b, T c);

    /// <summary>The exclusive or of two words.</summary>
    static abstract T Xor(T a, T b);

    /// <summary>A word rotated to the left by 0 to 63 bits.</summary>
    static abstract T RotateLeft(T a, [ConstantExpected] byte count);

    /// <summary>The nonlinear step: <c>a ^ (~b &amp; c)</c>.</summary>
    static abstract T Chi(T a, T b, T c);

    /// <summary>The number in every state.</summary>
    static abstract T Broadcast(ulong value);
}
