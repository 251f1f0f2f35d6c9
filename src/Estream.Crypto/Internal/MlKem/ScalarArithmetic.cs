using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Estream.Crypto.Internal.MlKem;

/// <summary>A single coefficient, or a single pair, for every processor.</summary>
internal readonly struct ScalarArithmetic : IModularLane<short>, IPairLane<int>
{
    // 2^26 / q, rounded: multiplied by a 16-bit number and shifted back, it gives the quotient, or one less.
    internal const short Reciprocal = 20159;

    internal const int ReciprocalShift = 10;

    public static int Count => 1;

    public static int PairedCount => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static short Load(ReadOnlySpan<short> coefficients, int at) => coefficients[at];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(short value, Span<short> coefficients, int at) => coefficients[at] = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static short Broadcast(short value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static short Add(short a, short b) => (short)(a + b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static short Subtract(short a, short b) => (short)(a - b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static short Multiply(short a, short b, short bq) => (short)(HighOf(a * b) - HighOf((short)(a * bq) * Parameters.Q));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static short Reduce(short a) => (short)(a - ((HighOf(a * Reciprocal) >> ReciprocalShift) * Parameters.Q));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static short Canonical(short a)
    {
        int less = Reduce(a) - Parameters.Q;
        return (short)(less + ((less >> 31) & Parameters.Q));
    }

    // Never called: with a single coefficient no length is shorter than the vector.
    public static short Low(short a, short b, [ConstantExpected] int length) => a;

    public static short High(short a, short b, [ConstantExpected] int length) => b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LoadPairs(ReadOnlySpan<short> coefficients, int at) => Pair(coefficients[at], coefficients[at + 1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePairs(int value, Span<short> coefficients, int at)
    {
        coefficients[at] = (short)value;
        coefficients[at + 1] = HighOf(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SwapPairs(int a) => Pair(HighOf(a), (short)a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int MultiplyPairs(int a, int b) => ((short)a * (short)b) + (HighOf(a) * HighOf(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int AddSums(int a, int b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ReduceSums(int first, int second) => Pair(ReduceSum(first), ReduceSum(second));

    private static short ReduceSum(int sum) => (short)(HighOf(sum) - HighOf((short)((short)sum * Parameters.QInverse) * Parameters.Q));

    private static short HighOf(int value) => (short)(value >> 16);

    private static int Pair(short first, short second) => (ushort)first | (second << 16);
}
