namespace Estream.Wire.Fhir.Codec;

/// <summary>A decimal with its precision (FHIR R4, 2.24.0.1): <c>1.50</c> is 150 with scale 2.</summary>
/// <param name="Digits">The digits without the point.</param>
/// <param name="Scale">The number of digits after the point; negative for <c>2E3</c>.</param>
internal readonly record struct FhirDecimal(long Digits, sbyte Scale)
{
    private const int MaxScale = 100;

    /// <summary>Reads a JSON number. Allocates nothing.</summary>
    /// <param name="text">A number that a JSON reader has accepted.</param>
    /// <param name="value">The value with its precision.</param>
    /// <returns>False if the number has more digits than 64 bits hold, or a scale beyond ±100.</returns>
    public static bool TryRead(ReadOnlySpan<byte> text, out FhirDecimal value)
    {
        value = default;
        bool isNegative = !text.IsEmpty && text[0] == (byte)'-';
        ulong digits = 0;
        int scale = 0;
        bool isFraction = false;
        int at = isNegative ? 1 : 0;
        for (; at < text.Length; at++)
        {
            if (text[at] == (byte)'.')
            {
                isFraction = true;
                continue;
            }

            if (!char.IsAsciiDigit((char)text[at]))
            {
                break;
            }

            if (digits > long.MaxValue / 10)
            {
                return false;
            }

            digits = (digits * 10) + (uint)(text[at] - '0');
            scale += isFraction ? 1 : 0;
            if (digits > long.MaxValue || scale > MaxScale)
            {
                return false;
            }
        }

        if (at < text.Length && !TryReadExponent(text[at..], ref scale))
        {
            return false;
        }

        value = new FhirDecimal(isNegative ? -(long)digits : (long)digits, (sbyte)scale);
        return true;
    }

    private static bool TryReadExponent(ReadOnlySpan<byte> text, ref int scale)
    {
        ReadOnlySpan<byte> digits = text[1..];
        bool isNegative = digits.StartsWith("-"u8);
        digits = isNegative || digits.StartsWith("+"u8) ? digits[1..] : digits;
        int exponent = 0;
        foreach (byte digit in digits)
        {
            exponent = (exponent * 10) + digit - '0';
            if (exponent > 2 * MaxScale)
            {
                return false;
            }
        }

        scale += isNegative ? exponent : -exponent;
        return scale is >= -MaxScale and <= MaxScale;
    }
}
