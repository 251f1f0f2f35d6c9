using System.Runtime.CompilerServices;

namespace Estream.Crypto.Internal.Keccak;

/// <summary>The permutation Keccak-f[1600] of FIPS 202, generic over vectors of one or several states.</summary>
internal static class Permutation
{
    /// <summary>The number of words of a state.</summary>
    public const int Words = 25;

    private static readonly ulong[] s_roundConstants =
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000,
        0x000000000000808B, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
        0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
        0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003,
        0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    /// <summary>The constant that each round adds to the first word.</summary>
    public static ReadOnlySpan<ulong> RoundConstants => s_roundConstants;

    /// <summary>Runs the 24 rounds.</summary>
    /// <param name="state">
    /// The words of a state, or of several interleaved states: word n of the first state is at n times <paramref name="stride"/>, followed
    /// by word n of the other states.
    /// </param>
    /// <param name="stride">The distance from one word of a state to its next, in words.</param>
    /// <remarks>
    /// Without branches or indices that depend on the state. The state is kept in local variables, which with 32 registers is almost twice
    /// as fast as memory; with 16 registers it makes no difference. Compiled fully optimized at the first call: otherwise the first keys of
    /// a process would be computed by slow unoptimized code.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T, TOps>(Span<ulong> state, int stride)
        where T : struct
        where TOps : struct, IKeccakLane<T>
    {
        T a00 = TOps.Load(state, 0), a01 = TOps.Load(state, stride), a02 = TOps.Load(state, 2 * stride),
            a03 = TOps.Load(state, 3 * stride), a04 = TOps.Load(state, 4 * stride);
        T a05 = TOps.Load(state, 5 * stride), a06 = TOps.Load(state, 6 * stride), a07 = TOps.Load(state, 7 * stride),
            a08 = TOps.Load(state, 8 * stride), a09 = TOps.Load(state, 9 * stride);
        T a10 = TOps.Load(state, 10 * stride), a11 = TOps.Load(state, 11 * stride), a12 = TOps.Load(state, 12 * stride),
            a13 = TOps.Load(state, 13 * stride), a14 = TOps.Load(state, 14 * stride);
        T a15 = TOps.Load(state, 15 * stride), a16 = TOps.Load(state, 16 * stride), a17 = TOps.Load(state, 17 * stride),
            a18 = TOps.Load(state, 18 * stride), a19 = TOps.Load(state, 19 * stride);
        T a20 = TOps.Load(state, 20 * stride), a21 = TOps.Load(state, 21 * stride), a22 = TOps.Load(state, 22 * stride),
            a23 = TOps.Load(state, 23 * stride), a24 = TOps.Load(state, 24 * stride);
        for (int round = 0; round < s_roundConstants.Length; round++)
        {
            T c0 = TOps.Xor(TOps.Xor(a00, a05, a10), a15, a20);
            T c1 = TOps.Xor(TOps.Xor(a01, a06, a11), a16, a21);
            T c2 = TOps.Xor(TOps.Xor(a02, a07, a12), a17, a22);
            T c3 = TOps.Xor(TOps.Xor(a03, a08, a13), a18, a23);
            T c4 = TOps.Xor(TOps.Xor(a04, a09, a14), a19, a24);
            T d0 = TOps.Xor(c4, TOps.RotateLeft(c1, 1)), d1 = TOps.Xor(c0, TOps.RotateLeft(c2, 1));
            T d2 = TOps.Xor(c1, TOps.RotateLeft(c3, 1)), d3 = TOps.Xor(c2, TOps.RotateLeft(c4, 1));
            T d4 = TOps.Xor(c3, TOps.RotateLeft(c0, 1));
            T b0, b1, b2, b3, b4;
            (b0, b1, b2, b3, b4) = (
                TOps.Xor(a00, d0), TOps.RotateLeft(TOps.Xor(a06, d1), 44), TOps.RotateLeft(TOps.Xor(a12, d2), 43),
                TOps.RotateLeft(TOps.Xor(a18, d3), 21), TOps.RotateLeft(TOps.Xor(a24, d4), 14));
            T e00 = TOps.Xor(TOps.Chi(b0, b1, b2), TOps.Broadcast(s_roundConstants[round]));
            T e01 = TOps.Chi(b1, b2, b3), e02 = TOps.Chi(b2, b3, b4);
            T e03 = TOps.Chi(b3, b4, b0), e04 = TOps.Chi(b4, b0, b1);
            (b0, b1, b2, b3, b4) = (
                TOps.RotateLeft(TOps.Xor(a03, d3), 28), TOps.RotateLeft(TOps.Xor(a09, d4), 20), TOps.RotateLeft(TOps.Xor(a10, d0), 3),
                TOps.RotateLeft(TOps.Xor(a16, d1), 45), TOps.RotateLeft(TOps.Xor(a22, d2), 61));
            T e05 = TOps.Chi(b0, b1, b2), e06 = TOps.Chi(b1, b2, b3), e07 = TOps.Chi(b2, b3, b4);
            T e08 = TOps.Chi(b3, b4, b0), e09 = TOps.Chi(b4, b0, b1);
            (b0, b1, b2, b3, b4) = (
                TOps.RotateLeft(TOps.Xor(a01, d1), 1), TOps.RotateLeft(TOps.Xor(a07, d2), 6), TOps.RotateLeft(TOps.Xor(a13, d3), 25),
                TOps.RotateLeft(TOps.Xor(a19, d4), 8), TOps.RotateLeft(TOps.Xor(a20, d0), 18));
            T e10 = TOps.Chi(b0, b1, b2), e11 = TOps.Chi(b1, b2, b3), e12 = TOps.Chi(b2, b3, b4);
            T e13 = TOps.Chi(b3, b4, b0), e14 = TOps.Chi(b4, b0, b1);
            (b0, b1, b2, b3, b4) = (
                TOps.RotateLeft(TOps.Xor(a04, d4), 27), TOps.RotateLeft(TOps.Xor(a05, d0), 36), TOps.RotateLeft(TOps.Xor(a11, d1), 10),
                TOps.RotateLeft(TOps.Xor(a17, d2), 15), TOps.RotateLeft(TOps.Xor(a23, d3), 56));
            T e15 = TOps.Chi(b0, b1, b2), e16 = TOps.Chi(b1, b2, b3), e17 = TOps.Chi(b2, b3, b4);
            T e18 = TOps.Chi(b3, b4, b0), e19 = TOps.Chi(b4, b0, b1);
            (b0, b1, b2, b3, b4) = (
                TOps.RotateLeft(TOps.Xor(a02, d2), 62), TOps.RotateLeft(TOps.Xor(a08, d3), 55), TOps.RotateLeft(TOps.Xor(a14, d4), 39),
                TOps.RotateLeft(TOps.Xor(a15, d0), 41), TOps.RotateLeft(TOps.Xor(a21, d1), 2));
            T e20 = TOps.Chi(b0, b1, b2), e21 = TOps.Chi(b1, b2, b3), e22 = TOps.Chi(b2, b3, b4);
            T e23 = TOps.Chi(b3, b4, b0), e24 = TOps.Chi(b4, b0, b1);
            a00 = e00; a01 = e01; a02 = e02; a03 = e03; a04 = e04;
            a05 = e05; a06 = e06; a07 = e07; a08 = e08; a09 = e09;
            a10 = e10; a11 = e11; a12 = e12; a13 = e13; a14 = e14;
            a15 = e15; a16 = e16; a17 = e17; a18 = e18; a19 = e19;
            a20 = e20; a21 = e21; a22 = e22; a23 = e23; a24 = e24;
        }

        TOps.Store(a00, state, 0); TOps.Store(a01, state, stride); TOps.Store(a02, state, 2 * stride);
        TOps.Store(a03, state, 3 * stride); TOps.Store(a04, state, 4 * stride);
        TOps.Store(a05, state, 5 * stride); TOps.Store(a06, state, 6 * stride); TOps.Store(a07, state, 7 * stride);
        TOps.Store(a08, state, 8 * stride); TOps.Store(a09, state, 9 * stride);
        TOps.Store(a10, state, 10 * stride); TOps.Store(a11, state, 11 * stride); TOps.Store(a12, state, 12 * stride);
        TOps.Store(a13, state, 13 * stride); TOps.Store(a14, state, 14 * stride);
        TOps.Store(a15, state, 15 * stride); TOps.Store(a16, state, 16 * stride); TOps.Store(a17, state, 17 * stride);
        TOps.Store(a18, state, 18 * stride); TOps.Store(a19, state, 19 * stride);
        TOps.Store(a20, state, 20 * stride); TOps.Store(a21, state, 21 * stride); TOps.Store(a22, state, 22 * stride);
        TOps.Store(a23, state, 23 * stride); TOps.Store(a24, state, 24 * stride);
    }
}
