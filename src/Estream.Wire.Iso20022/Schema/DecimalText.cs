namespace Estream.Wire.Iso20022.Schema;

/// <summary>A decimal number as it is written, with the digits that count. Exact, however many there are: nothing is computed.</summary>
internal readonly ref struct DecimalText
{
    private DecimalText(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction, bool isNegative)
    {
        Whole = whole;
        Fraction = fraction;
        IsNegative = isNegative;
    }

    /// <summary>The digits before the point, without leading zeros.</summary>
    public ReadOnlySpan<byte> Whole { get; }

    /// <summary>The digits behind the point as they are written.</summary>
    public ReadOnlySpan<byte> Fraction { get; }

    /// <summary>Whether a minus stands before it.</summary>
    public bool IsNegative { get; }

    /// <summary>The digits behind the point without trailing zeros, which do not count for facets.</summary>
    public ReadOnlySpan<byte> SignificantFraction => Fraction.TrimEnd((byte)'0');

    /// <summary>The digits behind the point as they are written; where there are more digits than any type has, without trailing zeros: the
    /// value is the same.</summary>
    /// <param name="maxDigits">The most digits of a type.</param>
    /// <param name="maxFraction">The most of them behind the point.</param>
    public ReadOnlySpan<byte> FractionWithin(int maxDigits, int maxFraction) =>
        Fraction.Length > maxFraction || Whole.Length + Fraction.Length > maxDigits ? SignificantFraction : Fraction;

    /// <summary>Whether it is 0.</summary>
    public bool IsZero => Whole.IsEmpty && SignificantFraction.IsEmpty;

    /// <summary>How many digits it has, leading zeros and trailing zeros of the fraction left out.</summary>
    public int Digits => Whole.IsEmpty ? SignificantFraction.TrimStart((byte)'0').Length : Whole.Length + SignificantFraction.Length;

    /// <summary>Reads a number.</summary>
    /// <param name="text">All of it, without white space around.</param>
    /// <param name="number">The number.</param>
    public static bool TryRead(ReadOnlySpan<byte> text, out DecimalText number)
    {
        bool isNegative = !text.IsEmpty && text[0] == (byte)'-';
        int start = isNegative || (!text.IsEmpty && text[0] == (byte)'+') ? 1 : 0;
        int point = EndOfDigits(text, start);
        int end = point;
        ReadOnlySpan<byte> fraction = default;
        if (point < text.Length && text[point] == (byte)'.')
        {
            end = EndOfDigits(text, point + 1);
            fraction = text[(point + 1)..end];
        }

        bool isNumber = end == text.Length && point - start + fraction.Length > 0;
        number = isNumber ? new DecimalText(text[start..point].TrimStart((byte)'0'), fraction, isNegative) : default;
        return isNumber;
    }

    // Numbers are short, so their digits are looked at one by one.
    private static int EndOfDigits(ReadOnlySpan<byte> text, int from)
    {
        int at = from;
        while (at < text.Length && (uint)(text[at] - '0') <= 9)
        {
            at++;
        }

        return at;
    }
}
