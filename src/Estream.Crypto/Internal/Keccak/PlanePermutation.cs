using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Estream.Crypto.Internal.Keccak;

/// <summary>The permutation of one state in five vectors of 512 bits, each holding five words. Requires AVX-512F.</summary>
/// <remarks>
/// Word (x, y) is kept in lane x, so the column sums of theta are sums of vectors. An arrangement g determines the vector of the word:
/// number y + g(2x + 3y) modulo 5. In this arrangement pi keeps the words of a vector together: a permutation within each vector brings
/// (x', y') to lane y' of vector x' + g*y', so that the three words of chi are in neighbouring vectors. Another permutation brings the
/// words back to lane x', in the arrangement g' given by g = (1 + 3g') / 2g', with the vectors' numbers multiplied by 2g'. The arrangements
/// 1 and 4 follow from 2; none follows from 4. After every third round, three selections therefore move words between vectors. All
/// permutations fill lane p from lane m*p + n, with m of 1, 2 or 4, and are kept in registers. Without branches or indices that depend on
/// the state.
/// </remarks>
internal static class PlanePermutation
{
    /// <summary>The size of the blocks, in bytes: the rate of SHA3-256 and SHAKE256.</summary>
    public const int RateBytes = KeccakRate.Sha3_256;

    private const int Side = 5;
    private const int Places = 8;
    private const int PlaneBytes = Side * sizeof(ulong);
    private const byte XorOfThree = 0x96;
    private const byte ChiOfThree = 0xD2;
    private const byte Select = 0xCA;

    // The rotation counts of rho (FIPS 202, table 2): one row for each y, one column for each x.
    private static readonly byte[] s_offsets =
    [
        0, 1, 62, 28, 27,
        36, 44, 6, 55, 20,
        3, 10, 43, 25, 39,
        41, 45, 15, 21, 8,
        18, 2, 61, 56, 14,
    ];

    // The rotation counts of each vector's words, for the arrangements 2, 1 and 4.
    private static readonly Rotations[] s_rotations = [RotationsOf(2), RotationsOf(1), RotationsOf(4)];

    // The source lane of each lane, by m (1, 2 and 4), then n.
    private static readonly Vector512<ulong>[] s_moves = [.. Moves(1), .. Moves(2), .. Moves(4)];

    // Element i is the constant of the round before round i; the last element is the constant of the last round.
    private static readonly ulong[] s_constantsBefore = [0, .. Permutation.RoundConstants];

    /// <summary>Absorbs whole blocks, each followed by a permutation.</summary>
    /// <param name="state">The words of the state, in the order of x, then y.</param>
    /// <param name="blocks">The blocks, of <see cref="RateBytes"/> each.</param>
    public static void Absorb(Span<ulong> state, ReadOnlySpan<byte> blocks) =>
        Absorb(state, blocks, s_rotations, s_moves, s_constantsBefore);

    // The state stays in registers between blocks.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Absorb(Span<ulong> state, ReadOnlySpan<byte> blocks, ReadOnlySpan<Rotations> rotations,
        ReadOnlySpan<Vector512<ulong>> moves, ReadOnlySpan<ulong> constants)
    {
        ref readonly Rotations first = ref rotations[0], second = ref rotations[1], third = ref rotations[2];
        Vector512<ulong> by1And1 = moves[1], by1And2 = moves[2], by1And3 = moves[3], by1And4 = moves[4];
        Vector512<ulong> by2 = moves[5], by2And1 = moves[6], by2And2 = moves[7], by2And3 = moves[8], by2And4 = moves[9];
        Vector512<ulong> by4 = moves[10], by4And1 = moves[11], by4And2 = moves[12], by4And3 = moves[13], by4And4 = moves[14];
        Vector512<ulong> a0 = Plane(state, 0), a1 = Plane(state, 5), a2 = Plane(state, 10), a3 = Plane(state, 15), a4 = Plane(state, 20);
        Turn(ref a0, ref a1, ref a2, ref a3, ref a4);
        (a1, a2, a3, a4) = (a3, a1, a4, a2);
        for (; !blocks.IsEmpty; blocks = blocks[RateBytes..])
        {
            Add(blocks[..RateBytes], ref a0, ref a1, ref a2, ref a3, ref a4);
            for (int round = 0; round < constants.Length - 3; round += 3)
            {
                ThetaRho(ref a0, ref a1, ref a2, ref a3, ref a4, in first, constants[round], by1And1, by1And4);
                Move(ref a1, ref a2, ref a3, ref a4, by1And1, by1And2, by1And3, by1And4);
                Chi(ref a0, ref a1, ref a2, ref a3, ref a4);
                a0 = Avx512F.PermuteVar8x64(a0, by2);
                Move(ref a1, ref a2, ref a3, ref a4, by2And3, by2And1, by2And4, by2And2);

                ThetaRho(ref a0, ref a3, ref a1, ref a4, ref a2, in second, constants[round + 1], by1And1, by1And4);
                a0 = Avx512F.PermuteVar8x64(a0, by2);
                Move(ref a3, ref a1, ref a4, ref a2, by2And1, by2And2, by2And3, by2And4);
                Chi(ref a0, ref a3, ref a1, ref a4, ref a2);
                a0 = Avx512F.PermuteVar8x64(a0, by4);
                Move(ref a3, ref a1, ref a4, ref a2, by4And1, by4And2, by4And3, by4And4);

                ThetaRho(ref a0, ref a1, ref a2, ref a3, ref a4, in third, constants[round + 2], by1And1, by1And4);
                a0 = Avx512F.PermuteVar8x64(a0, by4);
                Move(ref a1, ref a2, ref a3, ref a4, by4And1, by4And2, by4And3, by4And4);
                Chi(ref a0, ref a1, ref a2, ref a3, ref a4);
                Move(ref a1, ref a2, ref a3, ref a4, by1And4, by1And3, by1And2, by1And1);
                Turn(ref a0, ref a1, ref a2, ref a3, ref a4);
                (a1, a2, a3, a4) = (a2, a4, a1, a3);
            }

            a0 ^= Vector512.CreateScalar(constants[^1]);
        }

        TurnBack(ref a0, ref a1, ref a2, ref a3, ref a4);
        Store(a0, state, 0);
        Store(a2, state, 5);
        Store(a4, state, 10);
        Store(a1, state, 15);
        Store(a3, state, 20);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        ReadOnlySpan<byte> block, ref Vector512<ulong> a0, ref Vector512<ulong> a1, ref Vector512<ulong> a2, ref Vector512<ulong> a3,
        ref Vector512<ulong> a4)
    {
        Vector512<ulong> m0 = Plane(block, 0), m1 = Plane(block, PlaneBytes), m2 = Plane(block, 2 * PlaneBytes);
        Vector512<ulong> m3 = Vector512.Create(
            Vector256.Create(Vector128.Create(block[(3 * PlaneBytes)..]).AsUInt64(), Vector128<ulong>.Zero), Vector256<ulong>.Zero);
        Vector512<ulong> m4 = Vector512<ulong>.Zero;
        Turn(ref m0, ref m1, ref m2, ref m3, ref m4);
        a0 ^= m0;
        a1 ^= m3;
        a2 ^= m1;
        a3 ^= m4;
        a4 ^= m2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ThetaRho(
        ref Vector512<ulong> a0, ref Vector512<ulong> a1, ref Vector512<ulong> a2, ref Vector512<ulong> a3, ref Vector512<ulong> a4,
        in Rotations rotations, ulong constantBefore, Vector512<ulong> fromNext, Vector512<ulong> fromLast)
    {
        // Adds the constant of the previous round here, where no other instruction waits for the addition.
        Vector512<ulong> constant = Vector512.CreateScalar(constantBefore);
        Vector512<ulong> sum =
            Avx512F.Xor(Avx512F.TernaryLogic(a0, a1, a2, XorOfThree), Avx512F.TernaryLogic(a3, a4, constant, XorOfThree));
        a0 ^= constant;
        Vector512<ulong> left = Avx512F.PermuteVar8x64(sum, fromLast);
        Vector512<ulong> right = Avx512F.PermuteVar8x64(Avx512F.RotateLeft(sum, 1), fromNext);
        a0 = Avx512F.RotateLeftVariable(Avx512F.TernaryLogic(a0, left, right, XorOfThree), rotations.Of0);
        a1 = Avx512F.RotateLeftVariable(Avx512F.TernaryLogic(a1, left, right, XorOfThree), rotations.Of1);
        a2 = Avx512F.RotateLeftVariable(Avx512F.TernaryLogic(a2, left, right, XorOfThree), rotations.Of2);
        a3 = Avx512F.RotateLeftVariable(Avx512F.TernaryLogic(a3, left, right, XorOfThree), rotations.Of3);
        a4 = Avx512F.RotateLeftVariable(Avx512F.TernaryLogic(a4, left, right, XorOfThree), rotations.Of4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Move(
        ref Vector512<ulong> a1, ref Vector512<ulong> a2, ref Vector512<ulong> a3, ref Vector512<ulong> a4,
        Vector512<ulong> from1, Vector512<ulong> from2, Vector512<ulong> from3, Vector512<ulong> from4)
    {
        a1 = Avx512F.PermuteVar8x64(a1, from1);
        a2 = Avx512F.PermuteVar8x64(a2, from2);
        a3 = Avx512F.PermuteVar8x64(a3, from3);
        a4 = Avx512F.PermuteVar8x64(a4, from4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Chi(
        ref Vector512<ulong> a0, ref Vector512<ulong> a1, ref Vector512<ulong> a2, ref Vector512<ulong> a3, ref Vector512<ulong> a4)
    {
        Vector512<ulong> b0 = a0, b1 = a1;
        a0 = Avx512F.TernaryLogic(a0, a1, a2, ChiOfThree);
        a1 = Avx512F.TernaryLogic(a1, a2, a3, ChiOfThree);
        a2 = Avx512F.TernaryLogic(a2, a3, a4, ChiOfThree);
        a3 = Avx512F.TernaryLogic(a3, a4, b0, ChiOfThree);
        a4 = Avx512F.TernaryLogic(a4, b0, b1, ChiOfThree);
    }

    // Lane x of vector j receives lane x of vector j + 3x: 3, 1, 4 and 2 vectors on for x from 1 to 4.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(ref Vector512<ulong> a0, ref Vector512<ulong> a1, ref Vector512<ulong> a2, ref Vector512<ulong> a3,
        ref Vector512<ulong> a4) =>
        Turn(
            ref a0, ref a1, ref a2, ref a3, ref a4, Vector512.Create(0UL, ulong.MaxValue, ulong.MaxValue, 0, 0, 0, 0, 0),
            Vector512.Create(0UL, ulong.MaxValue, 0, 0, ulong.MaxValue, 0, 0, 0), Vector512.Create(0UL, 0, 0, ulong.MaxValue, 0, 0, 0, 0));

    // Lane x of vector j receives lane x of vector j - x: 4, 3, 2 and 1 vectors on for x from 1 to 4.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnBack(ref Vector512<ulong> a0, ref Vector512<ulong> a1, ref Vector512<ulong> a2, ref Vector512<ulong> a3,
        ref Vector512<ulong> a4) =>
        Turn(
            ref a0, ref a1, ref a2, ref a3, ref a4, Vector512.Create(0UL, 0, ulong.MaxValue, 0, ulong.MaxValue, 0, 0, 0),
            Vector512.Create(0UL, 0, ulong.MaxValue, ulong.MaxValue, 0, 0, 0, 0), Vector512.Create(0UL, ulong.MaxValue, 0, 0, 0, 0, 0, 0));

    // Takes each lane from a later vector: one vector on if the lane is set in the first mask, two in the second, four in the third.
    // The shifts of a lane that is set in several masks add up.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(
        ref Vector512<ulong> a0, ref Vector512<ulong> a1, ref Vector512<ulong> a2, ref Vector512<ulong> a3, ref Vector512<ulong> a4,
        Vector512<ulong> byOne, Vector512<ulong> byTwo, Vector512<ulong> byFour)
    {
        Vector512<ulong> b0 = Avx512F.TernaryLogic(byOne, a1, a0, Select), b1 = Avx512F.TernaryLogic(byOne, a2, a1, Select);
        Vector512<ulong> b2 = Avx512F.TernaryLogic(byOne, a3, a2, Select), b3 = Avx512F.TernaryLogic(byOne, a4, a3, Select);
        Vector512<ulong> b4 = Avx512F.TernaryLogic(byOne, a0, a4, Select);
        Vector512<ulong> c0 = Avx512F.TernaryLogic(byTwo, b2, b0, Select), c1 = Avx512F.TernaryLogic(byTwo, b3, b1, Select);
        Vector512<ulong> c2 = Avx512F.TernaryLogic(byTwo, b4, b2, Select), c3 = Avx512F.TernaryLogic(byTwo, b0, b3, Select);
        Vector512<ulong> c4 = Avx512F.TernaryLogic(byTwo, b1, b4, Select);
        a0 = Avx512F.TernaryLogic(byFour, c4, c0, Select);
        a1 = Avx512F.TernaryLogic(byFour, c0, c1, Select);
        a2 = Avx512F.TernaryLogic(byFour, c1, c2, Select);
        a3 = Avx512F.TernaryLogic(byFour, c2, c3, Select);
        a4 = Avx512F.TernaryLogic(byFour, c3, c4, Select);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Plane(ReadOnlySpan<ulong> words, int at) =>
        Vector512.Create(Vector256.Create(words[at..]), Vector256.CreateScalar(words[at + 4]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Plane(ReadOnlySpan<byte> block, int at) =>
        Vector512.Create(Vector256.Create(block[at..]).AsUInt64(),
            Vector256.CreateScalar(BinaryPrimitives.ReadUInt64LittleEndian(block[(at + 32)..])));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<ulong> plane, Span<ulong> words, int at)
    {
        plane.GetLower().CopyTo(words[at..]);
        words[at + 4] = plane.GetUpper().ToScalar();
    }

    private static Rotations RotationsOf(int arrangement)
    {
        var rotations = new ulong[Side * Places];
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                // Pi moves the word (x, y) to (y, 2x + 3y).
                int vector = (y + (arrangement * ((2 * x) + (3 * y)))) % Side;
                rotations[(vector * Places) + x] = s_offsets[x + (Side * y)];
            }
        }

        Vector512<ulong>[] vectors = Vectors(rotations);
        return new Rotations(vectors[0], vectors[1], vectors[2], vectors[3], vectors[4]);
    }

    private static Vector512<ulong>[] Moves(int times)
    {
        var moves = new ulong[Side * Places];
        for (int at = 0; at < moves.Length; at++)
        {
            (int and, int place) = (at / Places, at % Places);
            moves[at] = (ulong)(place < Side ? ((times * place) + and) % Side : place);
        }

        return Vectors(moves);
    }

    private static Vector512<ulong>[] Vectors(ulong[] words)
    {
        var vectors = new Vector512<ulong>[Side];
        for (int at = 0; at < vectors.Length; at++)
        {
            vectors[at] = Vector512.Create(words, at * Places);
        }

        return vectors;
    }

    // Fields rather than an array, which would check its bounds fifteen times in three rounds.
    private readonly record struct Rotations(Vector512<ulong> Of0, Vector512<ulong> Of1, Vector512<ulong> Of2, Vector512<ulong> Of3,
        Vector512<ulong> Of4);
}
