using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Estream.Crypto.Internal.Keccak;

/// <summary>The permutation of one state in five vectors of 512 bits, of each of which five words are used. Needs AVX-512F.</summary>
/// <remarks>
/// The word (x, y) lies in place x, so that the sums of theta are sums of vectors. In which vector it lies says an arrangement g: in number y + g(2x + 3y) modulo 5. Then the words of
/// a vector stay together when pi has moved them: a permutation within each vector brings (x', y') to place y' of vector x' + g*y', where the three words of chi are neighbours; another one brings them
/// back to place x', in the arrangement g' of which g = (1 + 3g') / 2g', with the vectors' numbers times 2g'. From 2 follow 1 and 4, behind which there is no next one: after each third round words change
/// vectors, by three selections. Without branches or indices that depend on the state.
/// </remarks>
internal static class PlanePermutation
{
    /// <summary>Bytes of the blocks it absorbs: those of SHA3-256 and SHAKE256.</summary>
    public const int RateBytes = KeccakRate.Sha3_256;

    private const int Side = 5;
    private const int Places = 8;
    private const int PlaneBytes = Side * sizeof(ulong);
    private const int InAt = Side;
    private const int OutAt = 2 * Side;
    private const int TableLength = 3 * Side;
    private const byte XorOfThree = 0x96;
    private const byte ChiOfThree = 0xD2;
    private const byte Select = 0xCA;

    // How far theta and rho turn a word, by x and then y (FIPS 202, table 2).
    private static readonly byte[] s_offsets =
    [
        0, 1, 62, 28, 27,
        36, 44, 6, 55, 20,
        3, 10, 43, 25, 39,
        41, 45, 15, 21, 8,
        18, 2, 61, 56, 14,
    ];

    private static readonly Vector512<ulong>[] s_tables = Tables();

    /// <summary>The 24 rounds.</summary>
    /// <param name="state">The words of the state, x first.</param>
    public static void Permute(Span<ulong> state) => Run(state, [], s_tables, Permutation.RoundConstants);

    /// <summary>Takes in whole blocks, with a permutation behind each.</summary>
    /// <param name="state">The words of the state, x first.</param>
    /// <param name="blocks">One block of <see cref="RateBytes"/> or more.</param>
    public static void Absorb(Span<ulong> state, ReadOnlySpan<byte> blocks) => Run(state, blocks, s_tables, Permutation.RoundConstants);

    // The state stays in registers from one block to the next. Without blocks it is permuted once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(Span<ulong> state, ReadOnlySpan<byte> blocks, ReadOnlySpan<Vector512<ulong>> tables, ReadOnlySpan<ulong> roundConstants)
    {
        ReadOnlySpan<Vector512<ulong>> first = tables[..TableLength], second = tables.Slice(TableLength, TableLength), third = tables.Slice(2 * TableLength, TableLength);
        Vector512<ulong> a0 = Plane(state, 0), a1 = Plane(state, 5), a2 = Plane(state, 10), a3 = Plane(state, 15), a4 = Plane(state, 20);
        Turn(ref a0, ref a1, ref a2, ref a3, ref a4);
        (a1, a2, a3, a4) = (a3, a1, a4, a2);
        do
        {
            if (!blocks.IsEmpty)
            {
                ReadOnlySpan<byte> block = blocks[..RateBytes];
                Vector512<ulong> m0 = Plane(block, 0), m1 = Plane(block, PlaneBytes), m2 = Plane(block, 2 * PlaneBytes);
                Vector512<ulong> m3 = Vector512.Create(Vector256.Create(Vector128.Create(block[(3 * PlaneBytes)..]).AsUInt64(), Vector128<ulong>.Zero), Vector256<ulong>.Zero);
                Vector512<ulong> m4 = Vector512<ulong>.Zero;
                Turn(ref m0, ref m1, ref m2, ref m3, ref m4);
                a0 ^= m0;
                a1 ^= m3;
                a2 ^= m1;
                a3 ^= m4;
                a4 ^= m2;
                blocks = blocks[RateBytes..];
            }

            for (int round = 0; round < roundConstants.Length - 2; round += 3)
            {
                Round(ref a0, ref a1, ref a2, ref a3, ref a4, first, roundConstants[round]);
                Round(ref a0, ref a3, ref a1, ref a4, ref a2, second, roundConstants[round + 1]);
                Round(ref a0, ref a1, ref a2, ref a3, ref a4, third, roundConstants[round + 2]);
                Turn(ref a0, ref a1, ref a2, ref a3, ref a4);
                (a1, a2, a3, a4) = (a2, a4, a1, a3);
            }
        }
        while (!blocks.IsEmpty);

        TurnBack(ref a0, ref a1, ref a2, ref a3, ref a4);
        Store(a0, state, 0);
        Store(a2, state, 5);
        Store(a4, state, 10);
        Store(a1, state, 15);
        Store(a3, state, 20);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(
        ref Vector512<ulong> a0, ref Vector512<ulong> a1, ref Vector512<ulong> a2, ref Vector512<ulong> a3, ref Vector512<ulong> a4,
        ReadOnlySpan<Vector512<ulong>> table, ulong constant)
    {
        Vector512<ulong> sum = Avx512F.TernaryLogic(Avx512F.TernaryLogic(a0, a1, a2, XorOfThree), a3, a4, XorOfThree);
        Vector512<ulong> left = Avx512F.PermuteVar8x64(sum, Vector512.Create(4UL, 0, 1, 2, 3, 5, 6, 7));
        Vector512<ulong> right = Avx512F.PermuteVar8x64(Avx512F.RotateLeft(sum, 1), Vector512.Create(1UL, 2, 3, 4, 0, 5, 6, 7));
        Vector512<ulong> b0 = Avx512F.PermuteVar8x64(Avx512F.RotateLeftVariable(Avx512F.TernaryLogic(a0, left, right, XorOfThree), table[0]), table[InAt]);
        Vector512<ulong> b1 = Avx512F.PermuteVar8x64(Avx512F.RotateLeftVariable(Avx512F.TernaryLogic(a1, left, right, XorOfThree), table[1]), table[InAt + 1]);
        Vector512<ulong> b2 = Avx512F.PermuteVar8x64(Avx512F.RotateLeftVariable(Avx512F.TernaryLogic(a2, left, right, XorOfThree), table[2]), table[InAt + 2]);
        Vector512<ulong> b3 = Avx512F.PermuteVar8x64(Avx512F.RotateLeftVariable(Avx512F.TernaryLogic(a3, left, right, XorOfThree), table[3]), table[InAt + 3]);
        Vector512<ulong> b4 = Avx512F.PermuteVar8x64(Avx512F.RotateLeftVariable(Avx512F.TernaryLogic(a4, left, right, XorOfThree), table[4]), table[InAt + 4]);
        a0 = Avx512F.PermuteVar8x64(Avx512F.Xor(Avx512F.TernaryLogic(b0, b1, b2, ChiOfThree), Vector512.CreateScalar(constant)), table[OutAt]);
        a1 = Avx512F.PermuteVar8x64(Avx512F.TernaryLogic(b1, b2, b3, ChiOfThree), table[OutAt + 1]);
        a2 = Avx512F.PermuteVar8x64(Avx512F.TernaryLogic(b2, b3, b4, ChiOfThree), table[OutAt + 2]);
        a3 = Avx512F.PermuteVar8x64(Avx512F.TernaryLogic(b3, b4, b0, ChiOfThree), table[OutAt + 3]);
        a4 = Avx512F.PermuteVar8x64(Avx512F.TernaryLogic(b4, b0, b1, ChiOfThree), table[OutAt + 4]);
    }

    // Place x of vector number j takes what vector number j + 3x has there: 3, 1, 4 and 2 vectors on for x from 1 to 4.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(ref Vector512<ulong> a0, ref Vector512<ulong> a1, ref Vector512<ulong> a2, ref Vector512<ulong> a3, ref Vector512<ulong> a4) =>
        Turn(
            ref a0, ref a1, ref a2, ref a3, ref a4, Vector512.Create(0UL, ulong.MaxValue, ulong.MaxValue, 0, 0, 0, 0, 0),
            Vector512.Create(0UL, ulong.MaxValue, 0, 0, ulong.MaxValue, 0, 0, 0), Vector512.Create(0UL, 0, 0, ulong.MaxValue, 0, 0, 0, 0));

    // Place x of vector number j takes what vector number j - x has there: 4, 3, 2 and 1 vectors on.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnBack(ref Vector512<ulong> a0, ref Vector512<ulong> a1, ref Vector512<ulong> a2, ref Vector512<ulong> a3, ref Vector512<ulong> a4) =>
        Turn(
            ref a0, ref a1, ref a2, ref a3, ref a4, Vector512.Create(0UL, 0, ulong.MaxValue, 0, ulong.MaxValue, 0, 0, 0),
            Vector512.Create(0UL, 0, ulong.MaxValue, ulong.MaxValue, 0, 0, 0, 0), Vector512.Create(0UL, ulong.MaxValue, 0, 0, 0, 0, 0, 0));

    // By one vector where the first mask is set, by two where the second is, and by four where the third is.
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
        Vector512.Create(Vector256.Create(block[at..]).AsUInt64(), Vector256.CreateScalar(BinaryPrimitives.ReadUInt64LittleEndian(block[(at + 32)..])));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<ulong> plane, Span<ulong> words, int at)
    {
        plane.GetLower().CopyTo(words[at..]);
        words[at + 4] = plane.GetUpper().ToScalar();
    }

    private static Vector512<ulong>[] Tables()
    {
        var tables = new Vector512<ulong>[3 * TableLength];
        FillTable(2, tables.AsSpan(0, TableLength));
        FillTable(1, tables.AsSpan(TableLength, TableLength));
        FillTable(4, tables.AsSpan(2 * TableLength, TableLength));
        return tables;
    }

    // Of an arrangement: how far the words of each vector are turned, where each place takes its word from on the way to chi, and on the way back.
    private static void FillTable(int arrangement, Span<Vector512<ulong>> table)
    {
        Span<ulong> words = stackalloc ulong[TableLength * Places];
        for (int at = 0; at < words.Length; at++)
        {
            words[at] = (ulong)(at % Places);
        }

        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                // Pi moves the word (x, y) to (y, 2x + 3y).
                int row = ((2 * x) + (3 * y)) % Side, vector = (y + (arrangement * row)) % Side;
                words[(vector * Places) + x] = s_offsets[x + (Side * y)];
                words[((InAt + vector) * Places) + row] = (ulong)x;
                words[((OutAt + vector) * Places) + y] = (ulong)row;
            }
        }

        for (int at = 0; at < table.Length; at++)
        {
            table[at] = Vector512.Create<ulong>(words.Slice(at * Places, Places));
        }
    }
}
