using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>A single coefficient, for every processor.</summary>
internal readonly struct ScalarCoefficient : ICoefficientLane<int, long>
{
    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Load(ReadOnlySpan<int> coefficients, int at) => coefficients[at];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(int value, Span<int> coefficients, int at) => coefficients[at] = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(int value, Span<byte> bytes, int at) => bytes[at] = (byte)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Broadcast(int value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Add(int a, int b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Subtract(int a, int b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int And(int a, int b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Or(int a, int b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ShiftRight(int a, [ConstantExpected] byte count) => a >> count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int MultiplyLow(int a, int b) => a * b;

    // Math.Abs branches, and throws for int.MinValue.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Absolute(int a) => (a ^ (a >> 31)) - (a >> 31);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyNegative(int a) => a < 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Multiply(int a, int b, int quotient) => (a * b) - ((int)(((long)a * quotient) >> 32) * Field.Q);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int MultiplyUniform(int a, int b, int quotient) => Multiply(a, b, quotient);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long EvenProduct(int a, int b) => (long)a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long OddProduct(int a, int b) => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long AddWide(long a, long b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long SubtractWide(long a, long b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ReduceWide(long even, long odd) => (int)((even - ((long)((int)even * Field.QInverse) * Field.Q)) >> 32);

    // Never called: with a single coefficient no length is shorter than the vector.
    public static int Low(int a, int b, [ConstantExpected] int length) => a;

    public static int High(int a, int b, [ConstantExpected] int length) => b;
}
