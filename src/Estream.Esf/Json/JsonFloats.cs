using System.Globalization;

namespace Estream.Esf.Json;

/// <summary>Converts decimal numbers to floating point, correctly rounded.</summary>
internal static class JsonFloats
{
    private static readonly double[] s_powersOfTen =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <summary>Parses a JSON number; returns false if it exceeds the largest finite value.</summary>
    public static bool TryParseDouble(ReadOnlySpan<byte> number, out double value) =>
        TryParseShort(number, out value)
        || (double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value));

    /// <summary>Parses a JSON number; returns false if it exceeds the largest finite value.</summary>
    public static bool TryParseSingle(ReadOnlySpan<byte> number, out float value) =>
        float.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && float.IsFinite(value);

    /// <summary>
    /// Parses a number of at most 15 digits, the usual case: digits and power of ten are exact, so one division rounds correctly.
    /// </summary>
    private static bool TryParseShort(ReadOnlySpan<byte> number, out double value)
    {
        value = 0;
        if (number.Length > 17)
        {
            return false;
        }

        int at = number[0] == (byte)'-' ? 1 : 0;
        long digits = 0;
        int count = 0;
        int decimals = 0;
        bool fraction = false;
        for (; at < number.Length; at++)
        {
            uint digit = (uint)(number[at] - '0');
            if (digit <= 9)
            {
                digits = (digits * 10) + digit;
                count++;
                decimals += fraction ? 1 : 0;
            }
            else if (number[at] == (byte)'.')
            {
                fraction = true;
            }
            else
            {
                return false;
            }
        }

        value = digits / s_powersOfTen[decimals];
        value = number[0] == (byte)'-' ? -value : value;
        return count <= 15;
    }
}
