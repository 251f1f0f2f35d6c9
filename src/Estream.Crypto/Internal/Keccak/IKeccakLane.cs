using System.Diagnostics.CodeAnalysis;

namespace Estream.Crypto.Internal.Keccak;

/// <summary>The permutation's operations on one word of the state: a number, or a vector with the same word of several states.</summary>
/// <typeparam name="T">The type of the word.</typeparam>
/// <remarks>Every member is inlined and compiles to one or two instructions; <c>count</c> is a constant at every call.</remarks>
internal interface IKeccakLane<T>
    where T : struct
{
    /// <summary>Loads the word that starts at <paramref name="at"/>.</summary>
    static abstract T Load(ReadOnlySpan<ulong> state, int at);

    /// <summary>Stores a word.</summary>
    static abstract void Store(T word, Span<ulong> state, int at);

    /// <summary>Returns the exclusive or of three words.</summary>
    static abstract T Xor(T a, T b, T c);

    /// <summary>Returns the exclusive or of two words.</summary>
    static abstract T Xor(T a, T b);

    /// <summary>Rotates a word to the left by 0 to 63 bits.</summary>
    static abstract T RotateLeft(T a, [ConstantExpected] byte count);

    /// <summary>Computes the nonlinear step: <c>a ^ (~b &amp; c)</c>.</summary>
    static abstract T Chi(T a, T b, T c);

    /// <summary>Returns a word with the same number for every state.</summary>
    static abstract T Broadcast(ulong value);
}
