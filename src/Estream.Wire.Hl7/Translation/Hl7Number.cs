namespace Estream.Wire.Hl7.Translation;

/// <summary>A decimal with its precision: digits without the point, and how many of them follow it.</summary>
internal readonly record struct Hl7Number(long Value, sbyte Scale)
{
    private const int MaxDigits = 18;

    /// <summary>Reads a number (chapter 2A, "NM"): an optional sign, digits, and optionally a point with digits. Exact: 1.50 keeps its last
    /// zero.</summary>
    /// <returns>False if the text is not a number or has more than 18 digits.</returns>
    public static bool TryRead(ReadOnlySpan<byte> text, out Hl7Number number)
    {
        number = default;
        text = text.Trim((byte)' ');
        bool isNegative = text.StartsWith("-"u8);
        text = isNegative || text.StartsWith("+"u8) ? text[1..] : text;
        long value = 0;
        int digits = 0;
        int scale = -1;
        foreach (byte one in text)
        {
            if (one == (byte)'.' && scale < 0)
            {
                scale = 0;
            }
            else if (char.IsAsciiDigit((char)one) && digits < MaxDigits)
            {
                value = (value * 10) + one - '0';
                digits++;
                scale += scale < 0 ? 0 : 1;
            }
            else
            {
                return false;
            }
        }

        number = new Hl7Number(isNegative ? -value : value, (sbyte)Math.Max(scale, 0));
        return digits > 0;
    }
}
