namespace Estream.Esf.Expressions.Execution;

/// <summary>Compares whole numbers with floating-point numbers exactly: neither is rounded to the type of the other.</summary>
internal static class ExactNumbers
{
    private const double TwoTo127 = 170141183460469231731687303715884105728d;

    public static int Compare(Int128 integer, double number)
    {
        if (number >= TwoTo127)
        {
            return -1;
        }

        if (number < -TwoTo127)
        {
            return 1;
        }

        double whole = Math.Truncate(number);
        int order = integer.CompareTo((Int128)whole);
        return order != 0 ? order : -Math.Sign(number - whole);
    }

    /// <summary>The whole part of a number, clamped to the range of 128 bits.</summary>
    public static Int128 Truncate(double number) =>
        number >= TwoTo127 ? Int128.MaxValue : number < -TwoTo127 ? Int128.MinValue : (Int128)Math.Truncate(number);
}
