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
        ReadOnlySpan<byte> digits = isNegative || (!text.IsEmpty && text[0] == (byte)'+') ? text[1..] : text;
        int point = digits.IndexOf((byte)'.');
        ReadOnlySpan<byte> whole = point < 0 ? digits : digits[..point];
        ReadOnlySpan<byte> fraction = point < 0 ? default : digits[(point + 1)..];
        bool isNumber = whole.Length + fraction.Length > 0
            && whole.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
            && fraction.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
        number = isNumber ? new DecimalText(whole.TrimStart((byte)'0'), fraction, isNegative) : default;
        return isNumber;
    }
}
