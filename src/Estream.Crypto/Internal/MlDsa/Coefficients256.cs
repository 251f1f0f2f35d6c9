using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Eight coefficients in vectors of 256 bits. Requires AVX2.</summary>
internal readonly struct Coefficients256 : ICoefficientLane<Vector256<int>, Vector256<long>>
{
    private const byte OddOnes = 0b1010_1010;

    public static int Count => Vector256<int>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(ReadOnlySpan<int> coefficients, int at) => Vector256.Create(coefficients[at..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> value, Span<int> coefficients, int at) => value.CopyTo(coefficients[at..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector256<int> value, Span<byte> bytes, int at)
    {
        Vector128<short> shorts = Sse2.PackSignedSaturate(value.GetLower(), value.GetUpper());
        Sse2.PackUnsignedSaturate(shorts, shorts).GetLower().CopyTo(bytes[at..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Broadcast(int value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> a, Vector256<int> b) => Avx2.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Subtract(Vector256<int> a, Vector256<int> b) => Avx2.Subtract(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> And(Vector256<int> a, Vector256<int> b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Or(Vector256<int> a, Vector256<int> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> ShiftRight(Vector256<int> a, [ConstantExpected] byte count) => Avx2.ShiftRightArithmetic(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyLow(Vector256<int> a, Vector256<int> b) => Avx2.MultiplyLow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Absolute(Vector256<int> a) => Avx2.Abs(a).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyNegative(Vector256<int> a) => Avx.MoveMask(a.AsSingle()) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Multiply(Vector256<int> a, Vector256<int> b, Vector256<int> quotient) =>
        Less(a, b, Join(Avx2.Multiply(a, quotient), Avx2.Multiply(Odd(a), Odd(quotient))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyUniform(Vector256<int> a, Vector256<int> b, Vector256<int> quotient) =>
        Less(a, b, Join(Avx2.Multiply(a, quotient), Avx2.Multiply(Odd(a), quotient)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> EvenProduct(Vector256<int> a, Vector256<int> b) => Avx2.Multiply(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> OddProduct(Vector256<int> a, Vector256<int> b) => Avx2.Multiply(Odd(a), Odd(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> AddWide(Vector256<long> a, Vector256<long> b) => Avx2.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> SubtractWide(Vector256<long> a, Vector256<long> b) => Avx2.Subtract(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> ReduceWide(Vector256<long> even, Vector256<long> odd) => Join(WithoutLow(even), WithoutLow(odd));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Low(Vector256<int> a, Vector256<int> b, [ConstantExpected] int length) => length switch
    {
        8 => a,
        4 => Avx2.Permute2x128(a, b, 0x20),
        2 => Avx2.UnpackLow(a.AsInt64(), b.AsInt64()).AsInt32(),
        _ => Avx2.Blend(a, Avx2.ShiftLeftLogical(b.AsInt64(), 32).AsInt32(), OddOnes),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> High(Vector256<int> a, Vector256<int> b, [ConstantExpected] int length) => length switch
    {
        8 => b,
        4 => Avx2.Permute2x128(a, b, 0x31),
        2 => Avx2.UnpackHigh(a.AsInt64(), b.AsInt64()).AsInt32(),
        _ => Avx2.Blend(Odd(a), b, OddOnes),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Odd(Vector256<int> a) => Avx2.ShiftRightLogical(a.AsInt64(), 32).AsInt32();

    // Combines the upper halves of both vectors' 64-bit sums, even and odd lanes in their order.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Join(Vector256<long> even, Vector256<long> odd) =>
        Avx2.Blend(Odd(even.AsInt32()), odd.AsInt32(), OddOnes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Less(Vector256<int> a, Vector256<int> b, Vector256<int> quotients) =>
        Subtract(MultiplyLow(a, b), MultiplyLow(quotients, Broadcast(Field.Q)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> WithoutLow(Vector256<long> sum) =>
        Avx2.Subtract(sum, Avx2.Multiply(Avx2.Multiply(sum.AsInt32(), Broadcast(Field.QInverse)).AsInt32(), Broadcast(Field.Q)));
}
