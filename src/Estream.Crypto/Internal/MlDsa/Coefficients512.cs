using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Sixteen coefficients in vectors of 512 bits. Requires AVX-512F.</summary>
internal readonly struct Coefficients512 : ICoefficientLane<Vector512<int>, Vector512<long>>
{
    // Truth table of a bitwise selection: the first operand selects between the second and the third.
    private const byte Choice = 0xCA;

    private const long LowHalf = 0xFFFF_FFFF;

    public static int Count => Vector512<int>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Load(ReadOnlySpan<int> coefficients, int at) => Vector512.Create(coefficients[at..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<int> value, Span<int> coefficients, int at) => value.CopyTo(coefficients[at..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector512<int> value, Span<byte> bytes, int at) =>
        Avx512F.ConvertToVector128Byte(value).CopyTo(bytes[at..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Broadcast(int value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Add(Vector512<int> a, Vector512<int> b) => Avx512F.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Subtract(Vector512<int> a, Vector512<int> b) => Avx512F.Subtract(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> And(Vector512<int> a, Vector512<int> b) => Avx512F.And(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Or(Vector512<int> a, Vector512<int> b) => Avx512F.Or(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> ShiftRight(Vector512<int> a, [ConstantExpected] byte count) => Avx512F.ShiftRightArithmetic(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyLow(Vector512<int> a, Vector512<int> b) => Avx512F.MultiplyLow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Absolute(Vector512<int> a) => Avx512F.Abs(a).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyNegative(Vector512<int> a) => Vector512.ExtractMostSignificantBits(a) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Multiply(Vector512<int> a, Vector512<int> b, Vector512<int> quotient) =>
        Less(a, b, Join(Avx512F.Multiply(a, quotient), Avx512F.Multiply(Odd(a), Odd(quotient))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyUniform(Vector512<int> a, Vector512<int> b, Vector512<int> quotient) =>
        Less(a, b, Join(Avx512F.Multiply(a, quotient), Avx512F.Multiply(Odd(a), quotient)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> EvenProduct(Vector512<int> a, Vector512<int> b) => Avx512F.Multiply(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> OddProduct(Vector512<int> a, Vector512<int> b) => Avx512F.Multiply(Odd(a), Odd(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> AddWide(Vector512<long> a, Vector512<long> b) => Avx512F.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> SubtractWide(Vector512<long> a, Vector512<long> b) => Avx512F.Subtract(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> ReduceWide(Vector512<long> even, Vector512<long> odd) => Join(WithoutLow(even), WithoutLow(odd));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Low(Vector512<int> a, Vector512<int> b, [ConstantExpected] int length) => length switch
    {
        8 => Avx512F.Shuffle4x128(a, b, 0x44),
        4 => Avx512F.PermuteVar8x64x2(a.AsInt64(), Vector512.Create(0, 1, 8, 9, 4, 5, 12, 13), b.AsInt64()).AsInt32(),
        2 => Avx512F.UnpackLow(a.AsInt64(), b.AsInt64()).AsInt32(),
        _ => Avx512F.PermuteVar16x32x2(a, Vector512.Create(0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30), b),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> High(Vector512<int> a, Vector512<int> b, [ConstantExpected] int length) => length switch
    {
        8 => Avx512F.Shuffle4x128(a, b, 0xEE),
        4 => Avx512F.PermuteVar8x64x2(a.AsInt64(), Vector512.Create(2, 3, 10, 11, 6, 7, 14, 15), b.AsInt64()).AsInt32(),
        2 => Avx512F.UnpackHigh(a.AsInt64(), b.AsInt64()).AsInt32(),
        _ => Avx512F.PermuteVar16x32x2(a, Vector512.Create(1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31), b),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Odd(Vector512<int> a) => Avx512F.ShiftRightLogical(a.AsInt64(), 32).AsInt32();

    // Combines the upper halves of both vectors' 64-bit sums, even and odd lanes in their order.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Join(Vector512<long> even, Vector512<long> odd) =>
        Avx512F.TernaryLogic(Vector512.Create(LowHalf), Avx512F.ShiftRightLogical(even, 32), odd, Choice).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Less(Vector512<int> a, Vector512<int> b, Vector512<int> quotients) =>
        Subtract(MultiplyLow(a, b), MultiplyLow(quotients, Broadcast(Field.Q)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> WithoutLow(Vector512<long> sum) =>
        Avx512F.Subtract(sum, Avx512F.Multiply(Avx512F.Multiply(sum.AsInt32(), Broadcast(Field.QInverse)).AsInt32(), Broadcast(Field.Q)));
}
