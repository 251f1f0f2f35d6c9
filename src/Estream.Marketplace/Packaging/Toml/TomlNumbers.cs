using System.Globalization;
using System.Text;
using Estream.Esf.Schema;

namespace Estream.Marketplace.Toml;

/// <summary>Parses integers in base 10, 16, 8 and 2, and floats.</summary>
internal static class TomlNumbers
{
    /// <summary>Returns whether a word looks like a number.</summary>
    public static bool IsNumber(ReadOnlySpan<byte> word)
    {
        ReadOnlySpan<byte> bare = WithoutSign(word);
        return bare.Length > 0
            && (IsDigit(bare[0]) || bare[0] == '.' || bare.Length < word.Length || bare.SequenceEqual("inf"u8)
                || bare.SequenceEqual("nan"u8));
    }

    /// <summary>Parses a word; returns null and the error if it is not a valid number.</summary>
    public static TomlValue? Read(ReadOnlySpan<byte> word, SourcePosition position, out string error)
    {
        error = "";
        ReadOnlySpan<byte> bare = WithoutSign(word);
        bool isNegative = word[0] == '-';
        if (bare.SequenceEqual("inf"u8) || bare.SequenceEqual("nan"u8))
        {
            double special = bare[0] == 'i' ? double.PositiveInfinity : double.NaN;
            return new TomlFloat(position, isNegative ? -special : special);
        }

        if (bare.Length > 1 && bare[0] == '0' && bare[1] is (byte)'x' or (byte)'o' or (byte)'b')
        {
            return ReadOfBase(word, bare, position, out error);
        }

        int whole = DigitsAt(bare, 0);
        int end = AfterFraction(bare, whole);
        int all = AfterExponent(bare, end);
        if (whole == 0 || all != bare.Length)
        {
            error = TomlMessages.NoNumber(Encoding.UTF8.GetString(word));
            return null;
        }

        if (bare[0] == '0' && whole > 1)
        {
            error = TomlMessages.LeadingZero(Encoding.UTF8.GetString(word));
            return null;
        }

        string digits = Encoding.ASCII.GetString(word).Replace("_", "", StringComparison.Ordinal);
        if (all == whole)
        {
            bool fits = long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number);
            error = fits ? "" : TomlMessages.OutOfRange(Encoding.UTF8.GetString(word));
            return fits ? new TomlInteger(position, number) : null;
        }

        double value = double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
        error = double.IsFinite(value) ? "" : TomlMessages.OutOfRangeFloat(Encoding.UTF8.GetString(word));
        return double.IsFinite(value) ? new TomlFloat(position, value) : null;
    }

    private static TomlInteger? ReadOfBase(ReadOnlySpan<byte> word, ReadOnlySpan<byte> bare, SourcePosition position, out string error)
    {
        int bits = bare[1] switch { (byte)'x' => 4, (byte)'o' => 3, _ => 1 };
        ulong number = 0;
        bool isDigitBefore = false;
        error = TomlMessages.NoNumber(Encoding.UTF8.GetString(word));
        foreach (byte b in bare[2..])
        {
            if (b == '_' && isDigitBefore)
            {
                isDigitBefore = false;
                continue;
            }

            int digit = char.IsAsciiHexDigit((char)b) ? Convert.ToInt32(((char)b).ToString(), 16) : int.MaxValue;
            if (digit >= 1 << bits)
            {
                return null;
            }

            if (number > (ulong)long.MaxValue >> bits)
            {
                error = TomlMessages.OutOfRange(Encoding.UTF8.GetString(word));
                return null;
            }

            number = (number << bits) | (uint)digit;
            isDigitBefore = true;
        }

        return isDigitBefore && bare.Length == word.Length ? new TomlInteger(position, (long)number) : null;
    }

    /// <summary>Counts the bytes from a position on that are digits, with single underscores between digits.</summary>
    private static int DigitsAt(ReadOnlySpan<byte> text, int at)
    {
        int end = at;
        while (end < text.Length
            && (IsDigit(text[end])
                || (text[end] == '_' && end > at && IsDigit(text[end - 1]) && end + 1 < text.Length && IsDigit(text[end + 1]))))
        {
            end++;
        }

        return end - at;
    }

    private static int AfterFraction(ReadOnlySpan<byte> text, int at)
    {
        int digits = at < text.Length && text[at] == '.' ? DigitsAt(text, at + 1) : 0;
        return digits == 0 ? at : at + 1 + digits;
    }

    private static int AfterExponent(ReadOnlySpan<byte> text, int at)
    {
        if (at >= text.Length || text[at] is not ((byte)'e' or (byte)'E'))
        {
            return at;
        }

        int start = at + 1 < text.Length && text[at + 1] is (byte)'+' or (byte)'-' ? at + 2 : at + 1;
        int digits = DigitsAt(text, start);
        return digits == 0 ? at : start + digits;
    }

    private static ReadOnlySpan<byte> WithoutSign(ReadOnlySpan<byte> word) => word[0] is (byte)'+' or (byte)'-' ? word[1..] : word;

    private static bool IsDigit(byte b) => b is >= (byte)'0' and <= (byte)'9';
}
