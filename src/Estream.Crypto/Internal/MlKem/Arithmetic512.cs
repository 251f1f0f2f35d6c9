using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Estream.Crypto.Internal.MlKem;

/// <summary>Thirty-two coefficients, or sixteen pairs, in vectors of 512 bits. Requires AVX-512BW.</summary>
internal readonly struct Arithmetic512 : IModularLane<Vector512<short>>, IPairLane<Vector512<short>>
{
    public static int Count => Vector512<short>.Count;

    public static int PairedCount => Vector512<short>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Load(ReadOnlySpan<short> coefficients, int at) => Vector512.Create(coefficients[at..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<short> value, Span<short> coefficients, int at) => value.CopyTo(coefficients[at..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Broadcast(short value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Add(Vector512<short> a, Vector512<short> b) => Avx512BW.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Subtract(Vector512<short> a, Vector512<short> b) => Avx512BW.Subtract(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Multiply(Vector512<short> a, Vector512<short> b, Vector512<short> bq) =>
        Subtract(Avx512BW.MultiplyHigh(a, b), Avx512BW.MultiplyHigh(Avx512BW.MultiplyLow(a, bq), Broadcast(Parameters.Q)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Reduce(Vector512<short> a)
    {
        Vector512<short> quotient = Avx512BW.ShiftRightArithmetic(
            Avx512BW.MultiplyHigh(a, Broadcast(ScalarArithmetic.Reciprocal)), ScalarArithmetic.ReciprocalShift);
        return Subtract(a, Avx512BW.MultiplyLow(quotient, Broadcast(Parameters.Q)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Canonical(Vector512<short> a)
    {
        Vector512<short> less = Subtract(Reduce(a), Broadcast(Parameters.Q));
        return Add(less, Avx512F.And(Avx512BW.ShiftRightArithmetic(less, 15), Broadcast(Parameters.Q)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Low(Vector512<short> a, Vector512<short> b, [ConstantExpected] int length) => length switch
    {
        16 => Avx512F.Shuffle4x128(a.AsInt64(), b.AsInt64(), 0x44).AsInt16(),
        8 => Avx512F.PermuteVar8x64x2(a.AsInt64(), Vector512.Create(0, 1, 8, 9, 4, 5, 12, 13), b.AsInt64()).AsInt16(),
        4 => Avx512F.UnpackLow(a.AsInt64(), b.AsInt64()).AsInt16(),
        _ => Avx512F.PermuteVar16x32x2(
            a.AsInt32(), Vector512.Create(0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30), b.AsInt32()).AsInt16(),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> High(Vector512<short> a, Vector512<short> b, [ConstantExpected] int length) => length switch
    {
        16 => Avx512F.Shuffle4x128(a.AsInt64(), b.AsInt64(), 0xEE).AsInt16(),
        8 => Avx512F.PermuteVar8x64x2(a.AsInt64(), Vector512.Create(2, 3, 10, 11, 6, 7, 14, 15), b.AsInt64()).AsInt16(),
        4 => Avx512F.UnpackHigh(a.AsInt64(), b.AsInt64()).AsInt16(),
        _ => Avx512F.PermuteVar16x32x2(
            a.AsInt32(), Vector512.Create(1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31), b.AsInt32()).AsInt16(),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> LoadPairs(ReadOnlySpan<short> coefficients, int at) => Load(coefficients, at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePairs(Vector512<short> value, Span<short> coefficients, int at) => Store(value, coefficients, at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> SwapPairs(Vector512<short> a) => Avx512F.RotateLeft(a.AsInt32(), 16).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> MultiplyPairs(Vector512<short> a, Vector512<short> b) => Avx512BW.MultiplyAddAdjacent(a, b).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> AddSums(Vector512<short> a, Vector512<short> b) => Avx512F.Add(a.AsInt32(), b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> ReduceSums(Vector512<short> first, Vector512<short> second)
    {
        Vector512<short> lows = Join(first.AsInt32(), Avx512F.ShiftLeftLogical(second.AsInt32(), 16));
        Vector512<short> highs = Join(Avx512F.ShiftRightLogical(first.AsInt32(), 16), second.AsInt32());
        return Subtract(highs, Avx512BW.MultiplyHigh(Avx512BW.MultiplyLow(lows, Broadcast(Parameters.QInverse)), Broadcast(Parameters.Q)));
    }

    // Takes the lower half of each 32 bits from the first vector, the upper half from the second, by a mask in one instruction.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Join(Vector512<int> first, Vector512<int> second) =>
        Avx512F.TernaryLogic(Vector512.Create(0xFFFF), first, second, 0xCA).AsInt16();
}
