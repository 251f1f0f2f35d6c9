namespace Estream.Esf.Expressions.Execution;

/// <summary>Arithmetic of 128-bit whole numbers. An overflow or a division by 0 has no value.</summary>
internal static class IntegerMath
{
    public static Slot Add(Int128 a, Int128 b)
    {
        Int128 sum = unchecked(a + b);
        return Int128.IsNegative((a ^ sum) & (b ^ sum)) ? default : Slot.Of(sum);
    }

    public static Slot Subtract(Int128 a, Int128 b)
    {
        Int128 difference = unchecked(a - b);
        return Int128.IsNegative((a ^ b) & (a ^ difference)) ? default : Slot.Of(difference);
    }

    public static Slot Multiply(Int128 a, Int128 b)
    {
        if (IsLong(a) && IsLong(b))
        {
            return Slot.Of(Math.BigMul((long)a, (long)b));
        }

        if (a == Int128.Zero || b == Int128.Zero)
        {
            return Slot.Of(Int128.Zero);
        }

        // Dividing the wrapped product by one factor yields the other factor only if the multiplication did not overflow.
        Int128 product = unchecked(a * b);
        bool isWhole = !((a == Int128.NegativeOne && b == Int128.MinValue) || (b == Int128.NegativeOne && a == Int128.MinValue))
            && product / b == a;
        return isWhole ? Slot.Of(product) : default;
    }

    /// <summary>The quotient, truncated towards zero.</summary>
    public static Slot Divide(Int128 a, Int128 b)
    {
        if (b == Int128.Zero || (b == Int128.NegativeOne && a == Int128.MinValue))
        {
            return default;
        }

        return IsLong(a) && IsLong(b) && a != long.MinValue ? Slot.Of((long)a / (long)b) : Slot.Of(a / b);
    }

    /// <summary>The remainder of the division. It has the sign of the dividend.</summary>
    public static Slot Remainder(Int128 a, Int128 b) =>
        b == Int128.Zero ? default
        : b == Int128.NegativeOne ? Slot.Of(Int128.Zero)
        : IsLong(a) && IsLong(b) ? Slot.Of((long)a % (long)b)
        : Slot.Of(a % b);

    public static Slot Negate(Int128 a) => a == Int128.MinValue ? default : Slot.Of(-a);

    public static Slot Abs(Int128 a) => Int128.IsNegative(a) ? Negate(a) : Slot.Of(a);

    private static bool IsLong(Int128 value) => value == (long)unchecked((ulong)value);
}
