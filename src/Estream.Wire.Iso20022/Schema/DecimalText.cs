namespace Estream.Wire.Iso20022.Schema;

/// <summary>A decimal number as written, split into digits. Exact for any number of digits, since nothing is computed.</summary>
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

    /// <summary>The digits after the point, as written.</summary>
    public ReadOnlySpan<byte> Fraction { get; }

    /// <summary>Whether the number has a minus sign.</summary>
    public bool IsNegative { get; }

    /// <summary>The digits after the point without trailing zeros, which facets ignore.</summary>
    public ReadOnlySpan<byte> SignificantFraction => Fraction.TrimEnd((byte)'0');

    /// <summary>The digits after the point: as written, or without trailing zeros if there are more digits than any type has. The value is
    /// the same.</summary>
    /// <param name="maxDigits">The maximum number of digits of a type.</param>
    /// <param name="maxFraction">The maximum number of fraction digits.</param>
    public ReadOnlySpan<byte> FractionWithin(int maxDigits, int maxFraction) =>
        Fraction.Length > maxFraction || Whole.Length + Fraction.Length > maxDigits ? SignificantFraction : Fraction;

    /// <summary>Whether the number is 0.</summary>
    public bool IsZero => Whole.IsEmpty && SignificantFraction.IsEmpty;

    /// <summary>The number of digits, without leading zeros and without trailing zeros of the fraction.</summary>
    public int Digits => Whole.IsEmpty ? SignificantFraction.TrimStart((byte)'0').Length : Whole.Length + SignificantFraction.Length;

    /// <summary>Parses a number.</summary>
    /// <param name="text">The complete text, without surrounding white space.</param>
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

    // A loop over bytes, since numbers are short.
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
