using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Estream.Crypto.Internal.MlKem;

/// <summary>Sixteen coefficients, or eight pairs, in vectors of 256 bits. Requires AVX2.</summary>
internal readonly struct Arithmetic256 : IModularLane<Vector256<short>>, IPairLane<Vector256<short>>
{
    private const byte SecondOfTwo = 0xAA;

    public static int Count => Vector256<short>.Count;

    public static int PairedCount => Vector256<short>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Load(ReadOnlySpan<short> coefficients, int at) => Vector256.Create(coefficients[at..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<short> value, Span<short> coefficients, int at) => value.CopyTo(coefficients[at..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Broadcast(short value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Add(Vector256<short> a, Vector256<short> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Subtract(Vector256<short> a, Vector256<short> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Multiply(Vector256<short> a, Vector256<short> b, Vector256<short> bq) =>
        Avx2.MultiplyHigh(a, b) - Avx2.MultiplyHigh(a * bq, Broadcast(Parameters.Q));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Reduce(Vector256<short> a)
    {
        Vector256<short> quotient = Avx2.MultiplyHigh(a, Broadcast(ScalarArithmetic.Reciprocal)) >> ScalarArithmetic.ReciprocalShift;
        return a - (quotient * Broadcast(Parameters.Q));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Canonical(Vector256<short> a)
    {
        Vector256<short> less = Reduce(a) - Broadcast(Parameters.Q);
        return less + ((less >> 15) & Broadcast(Parameters.Q));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Low(Vector256<short> a, Vector256<short> b, [ConstantExpected] int length) => length switch
    {
        8 => Avx2.Permute2x128(a, b, 0x20),
        4 => Avx2.UnpackLow(a.AsInt64(), b.AsInt64()).AsInt16(),
        _ => Avx2.Blend(a.AsInt32(), (b.AsInt64() << 32).AsInt32(), SecondOfTwo).AsInt16(),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> High(Vector256<short> a, Vector256<short> b, [ConstantExpected] int length) => length switch
    {
        8 => Avx2.Permute2x128(a, b, 0x31),
        4 => Avx2.UnpackHigh(a.AsInt64(), b.AsInt64()).AsInt16(),
        _ => Avx2.Blend((a.AsInt64() >>> 32).AsInt32(), b.AsInt32(), SecondOfTwo).AsInt16(),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> LoadPairs(ReadOnlySpan<short> coefficients, int at) => Load(coefficients, at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePairs(Vector256<short> value, Span<short> coefficients, int at) => Store(value, coefficients, at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> SwapPairs(Vector256<short> a) => ((a.AsInt32() << 16) | (a.AsInt32() >>> 16)).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> MultiplyPairs(Vector256<short> a, Vector256<short> b) => Avx2.MultiplyAddAdjacent(a, b).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> AddSums(Vector256<short> a, Vector256<short> b) => (a.AsInt32() + b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> ReduceSums(Vector256<short> first, Vector256<short> second)
    {
        Vector256<short> lows = Avx2.Blend(first, (second.AsInt32() << 16).AsInt16(), SecondOfTwo);
        Vector256<short> highs = Avx2.Blend((first.AsInt32() >>> 16).AsInt16(), second, SecondOfTwo);
        return highs - Avx2.MultiplyHigh(lows * Broadcast(Parameters.QInverse), Broadcast(Parameters.Q));
    }
}
