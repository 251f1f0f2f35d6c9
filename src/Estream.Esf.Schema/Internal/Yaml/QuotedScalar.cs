using System.Text;

namespace Estream.Esf.Schema.Internal;

/// <summary>Reads scalars in single or double quotes. Line ends inside them become spaces.</summary>
internal static class QuotedScalar
{
    // The characters after a backslash, each followed by its meaning. \x, \u and \U take digits.
    private const string Escapes = "0\0a\ab\bt\t\t\tn\nv\vf\fr\re\u001b  \"\"//\\\\N\u0085_\u00a0L\u2028P\u2029";

    /// <param name="text">The text, at the opening quote.</param>
    /// <param name="parentIndent">The indentation of the parent. Further lines must be indented more.</param>
    public static string Read(YamlText text, int parentIndent)
    {
        SourcePosition start = text.Here;
        char quote = text.Current;
        StringBuilder value = new();
        int kept = 0;   // the length up to which blanks before a line end are content
        for (text.Advance(); ;)
        {
            char c = text.Current;
            if (text.IsAtEnd)
            {
                throw YamlText.Error(start, "the value that begins here has no closing quote.");
            }

            if (c == quote && (quote == '"' || text.At(1) != quote))
            {
                text.Advance();
                return value.ToString();
            }

            if (c == '\n')
            {
                value.Length = kept;
                Fold(text, value, start, parentIndent);
                kept = value.Length;
            }
            else if (c == '\\' && quote == '"')
            {
                ReadEscape(text, value, start, parentIndent);
                kept = value.Length;
            }
            else
            {
                value.Append(c);
                text.Advance(c == quote ? 2 : 1);
                kept = YamlText.IsBlank(c) ? kept : value.Length;
            }
        }
    }

    private static void Fold(YamlText text, StringBuilder value, SourcePosition start, int parentIndent) =>
        PlainScalar.AppendFold(value, SkipLines(text, start, parentIndent));

    private static int SkipLines(YamlText text, SourcePosition start, int parentIndent)
    {
        int breaks = text.SkipBlankLines();
        if (!text.IsAtEnd && (text.CountSpaces() <= parentIndent || text.IsAtMarker))
        {
            throw YamlText.Error(start, "the value that begins here has no closing quote before a line that is not indented.");
        }

        return breaks;
    }

    private static void ReadEscape(YamlText text, StringBuilder value, SourcePosition start, int parentIndent)
    {
        char escape = text.At(1);
        if (escape == '\n')
        {
            text.Advance();
            value.Append('\n', SkipLines(text, start, parentIndent) - 1);
            return;
        }

        int digits = escape switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            value.Append(ReadCodePoint(text, digits));
            return;
        }

        for (int i = 0; i < Escapes.Length; i += 2)
        {
            if (Escapes[i] == escape)
            {
                value.Append(Escapes[i + 1]);
                text.Advance(2);
                return;
            }
        }

        throw text.Error("this escape is unknown. Write a backslash as '\\\\', or put the value in single quotes.");
    }

    private static string ReadCodePoint(YamlText text, int digits)
    {
        if (!TryHex(text, 2, digits, out uint code))
        {
            throw text.Error("this escape needs hexadecimal digits: two after 'x', four after 'u', eight after 'U'.");
        }

        int length = digits + 2;
        if (code is >= 0xD800 and < 0xDC00 && text.At(length) == '\\' && text.At(length + 1) == 'u'
            && TryHex(text, length + 2, 4, out uint low) && low is >= 0xDC00 and < 0xE000)
        {
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);   // a pair of surrogates, as in JSON
            length *= 2;
        }

        if (code is > 0x10FFFF or (>= 0xD800 and < 0xE000))
        {
            throw text.Error("this escape names no Unicode character.");
        }

        text.Advance(length);
        return char.ConvertFromUtf32((int)code);
    }

    private static bool TryHex(YamlText text, int ahead, int digits, out uint code)
    {
        code = 0;
        for (int i = 0; i < digits; i++)
        {
            char c = text.At(ahead + i);
            int digit = c is >= '0' and <= '9' ? c - '0' : (c | 0x20) is >= 'a' and <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
            if (digit < 0)
            {
                return false;
            }

            code = (code << 4) | (uint)digit;
        }

        return true;
    }
}
