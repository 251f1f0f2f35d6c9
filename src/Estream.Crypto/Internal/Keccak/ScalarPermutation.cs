using static System.Numerics.BitOperations;

namespace Estream.Crypto.Internal.Keccak;

/// <summary>The permutation Keccak-f[1600] of FIPS 202 for one state in general-purpose registers.</summary>
/// <remarks>
/// The same steps as <see cref="Permutation.Run{T, TOps}"/>. Not generic, because ReadyToRun does not compile calls of static interface
/// methods. This code is compiled ahead of time.
/// </remarks>
internal static class ScalarPermutation
{
    /// <summary>Runs the 24 rounds.</summary>
    /// <param name="state">The words of a state, or of several interleaved states, as in <see cref="Permutation.Run{T, TOps}"/>.</param>
    /// <param name="stride">The distance from one word of the state to the next, in words.</param>
    /// <remarks>Without branches or indices that depend on the state.</remarks>
    public static void Run(Span<ulong> state, int stride)
    {
        ulong a00 = state[0], a01 = state[stride], a02 = state[2 * stride],
            a03 = state[3 * stride], a04 = state[4 * stride];
        ulong a05 = state[5 * stride], a06 = state[6 * stride], a07 = state[7 * stride],
            a08 = state[8 * stride], a09 = state[9 * stride];
        ulong a10 = state[10 * stride], a11 = state[11 * stride], a12 = state[12 * stride],
            a13 = state[13 * stride], a14 = state[14 * stride];
        ulong a15 = state[15 * stride], a16 = state[16 * stride], a17 = state[17 * stride],
            a18 = state[18 * stride], a19 = state[19 * stride];
        ulong a20 = state[20 * stride], a21 = state[21 * stride], a22 = state[22 * stride],
            a23 = state[23 * stride], a24 = state[24 * stride];
        for (int round = 0; round < Permutation.RoundConstants.Length; round++)
        {
            ulong c0 = a00 ^ a05 ^ a10 ^ a15 ^ a20;
            ulong c1 = a01 ^ a06 ^ a11 ^ a16 ^ a21;
            ulong c2 = a02 ^ a07 ^ a12 ^ a17 ^ a22;
            ulong c3 = a03 ^ a08 ^ a13 ^ a18 ^ a23;
            ulong c4 = a04 ^ a09 ^ a14 ^ a19 ^ a24;
            ulong d0 = c4 ^ RotateLeft(c1, 1), d1 = c0 ^ RotateLeft(c2, 1);
            ulong d2 = c1 ^ RotateLeft(c3, 1), d3 = c2 ^ RotateLeft(c4, 1);
            ulong d4 = c3 ^ RotateLeft(c0, 1);
            ulong b0, b1, b2, b3, b4;
            (b0, b1, b2, b3, b4) = (
                a00 ^ d0, RotateLeft(a06 ^ d1, 44), RotateLeft(a12 ^ d2, 43),
                RotateLeft(a18 ^ d3, 21), RotateLeft(a24 ^ d4, 14));
            ulong e00 = Chi(b0, b1, b2) ^ Permutation.RoundConstants[round];
            ulong e01 = Chi(b1, b2, b3), e02 = Chi(b2, b3, b4);
            ulong e03 = Chi(b3, b4, b0), e04 = Chi(b4, b0, b1);
            (b0, b1, b2, b3, b4) = (
                RotateLeft(a03 ^ d3, 28), RotateLeft(a09 ^ d4, 20), RotateLeft(a10 ^ d0, 3),
                RotateLeft(a16 ^ d1, 45), RotateLeft(a22 ^ d2, 61));
            ulong e05 = Chi(b0, b1, b2), e06 = Chi(b1, b2, b3), e07 = Chi(b2, b3, b4);
            ulong e08 = Chi(b3, b4, b0), e09 = Chi(b4, b0, b1);
            (b0, b1, b2, b3, b4) = (
                RotateLeft(a01 ^ d1, 1), RotateLeft(a07 ^ d2, 6), RotateLeft(a13 ^ d3, 25),
                RotateLeft(a19 ^ d4, 8), RotateLeft(a20 ^ d0, 18));
            ulong e10 = Chi(b0, b1, b2), e11 = Chi(b1, b2, b3), e12 = Chi(b2, b3, b4);
            ulong e13 = Chi(b3, b4, b0), e14 = Chi(b4, b0, b1);
            (b0, b1, b2, b3, b4) = (
                RotateLeft(a04 ^ d4, 27), RotateLeft(a05 ^ d0, 36), RotateLeft(a11 ^ d1, 10),
                RotateLeft(a17 ^ d2, 15), RotateLeft(a23 ^ d3, 56));
            ulong e15 = Chi(b0, b1, b2), e16 = Chi(b1, b2, b3), e17 = Chi(b2, b3, b4);
            ulong e18 = Chi(b3, b4, b0), e19 = Chi(b4, b0, b1);
            (b0, b1, b2, b3, b4) = (
                RotateLeft(a02 ^ d2, 62), RotateLeft(a08 ^ d3, 55), RotateLeft(a14 ^ d4, 39),
                RotateLeft(a15 ^ d0, 41), RotateLeft(a21 ^ d1, 2));
            ulong e20 = Chi(b0, b1, b2), e21 = Chi(b1, b2, b3), e22 = Chi(b2, b3, b4);
            ulong e23 = Chi(b3, b4, b0), e24 = Chi(b4, b0, b1);
            a00 = e00; a01 = e01; a02 = e02; a03 = e03; a04 = e04;
            a05 = e05; a06 = e06; a07 = e07; a08 = e08; a09 = e09;
            a10 = e10; a11 = e11; a12 = e12; a13 = e13; a14 = e14;
            a15 = e15; a16 = e16; a17 = e17; a18 = e18; a19 = e19;
            a20 = e20; a21 = e21; a22 = e22; a23 = e23; a24 = e24;
        }

        state[0] = a00; state[stride] = a01; state[2 * stride] = a02;
        state[3 * stride] = a03; state[4 * stride] = a04;
        state[5 * stride] = a05; state[6 * stride] = a06; state[7 * stride] = a07;
        state[8 * stride] = a08; state[9 * stride] = a09;
        state[10 * stride] = a10; state[11 * stride] = a11; state[12 * stride] = a12;
        state[13 * stride] = a13; state[14 * stride] = a14;
        state[15 * stride] = a15; state[16 * stride] = a16; state[17 * stride] = a17;
        state[18 * stride] = a18; state[19 * stride] = a19;
        state[20 * stride] = a20; state[21 * stride] = a21; state[22 * stride] = a22;
        state[23 * stride] = a23; state[24 * stride] = a24;
    }

    private static ulong Chi(ulong a, ulong b, ulong c) => a ^ (~b & c);
}
