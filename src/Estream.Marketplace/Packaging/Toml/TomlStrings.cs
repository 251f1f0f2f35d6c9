using System.Globalization;
using System.Text;
using Estream.Esf.Schema;

namespace Estream.Marketplace.Toml;

/// <summary>Reads the four kinds of strings: basic (double quotes, with escapes) and literal (single quotes), each on one line or
/// multi-line.</summary>
internal static class TomlStrings
{
    private const int QuotesOfLines = 3;

    public static TomlString? ReadValue(ref TomlCursor cursor)
    {
        SourcePosition start = cursor.Here;
        int at = cursor.At;
        bool isOfLines = IsOfLines(ref cursor);
        string? text = isOfLines ? ReadLines(ref cursor, start) : ReadLine(ref cursor, start);
        return text is null ? null : new TomlString(start, text, !isOfLines && cursor.At - at == Encoding.UTF8.GetByteCount(text) + 2);
    }

    /// <summary>Reads a quoted key, which must be on one line.</summary>
    public static string? ReadKey(ref TomlCursor cursor)
    {
        SourcePosition start = cursor.Here;
        if (!IsOfLines(ref cursor))
        {
            return ReadLine(ref cursor, start);
        }

        _ = cursor.Fail(TomlMessages.KeyOfLines());
        return null;
    }

    private static bool IsOfLines(ref TomlCursor cursor) => cursor.CountOf((byte)cursor.Current) >= QuotesOfLines;

    private static string? ReadLine(ref TomlCursor cursor, SourcePosition start)
    {
        int quote = cursor.Current;
        cursor.Move(1);
        StringBuilder text = new();
        int from = cursor.At;
        while (cursor.Current != quote)
        {
            if (cursor.Current < 0 || cursor.IsAtLineBreak)
            {
                _ = cursor.Fail(start, TomlMessages.NoClosingQuote((char)quote));
                return null;
            }

            if (!TryTake(ref cursor, quote, text, ref from))
            {
                return null;
            }
        }

        text.Append(cursor.TextFrom(from));
        cursor.Move(1);
        return text.ToString();
    }

    private static string? ReadLines(ref TomlCursor cursor, SourcePosition start)
    {
        int quote = cursor.Current;
        cursor.Move(QuotesOfLines);
        _ = cursor.TryTakeLineBreak();
        StringBuilder text = new();
        int from = cursor.At;
        while (true)
        {
            if (cursor.Current == quote)
            {
                // Up to two quotes may precede the three that end the string.
                int quotes = Math.Min(cursor.CountOf((byte)quote), QuotesOfLines + 2);
                cursor.Move(quotes >= QuotesOfLines ? quotes - QuotesOfLines : quotes);
                if (quotes >= QuotesOfLines)
                {
                    text.Append(cursor.TextFrom(from));
                    cursor.Move(QuotesOfLines);
                    return text.ToString();
                }
            }
            else if (cursor.IsAtLineBreak)
            {
                text.Append(cursor.TextFrom(from)).Append('\n');
                _ = cursor.TryTakeLineBreak();
                from = cursor.At;
            }
            else if (cursor.Current < 0)
            {
                _ = cursor.Fail(start, TomlMessages.NoClosingQuotes((char)quote));
                return null;
            }
            else if (!(IsContinued(ref cursor, quote)
                ? TryContinue(ref cursor, text, ref from) : TryTake(ref cursor, quote, text, ref from)))
            {
                return null;
            }
        }
    }

    /// <summary>Takes one byte, or one escape.</summary>
    private static bool TryTake(ref TomlCursor cursor, int quote, StringBuilder text, ref int from)
    {
        if (cursor.IsAtControl)
        {
            return cursor.Fail(TomlMessages.Control(cursor.Current));
        }

        if (cursor.Current != '\\' || quote != '"')
        {
            cursor.Move(1);
            return true;
        }

        text.Append(cursor.TextFrom(from));
        if (!TryTakeEscape(ref cursor, text))
        {
            return false;
        }

        from = cursor.At;
        return true;
    }

    private static bool TryTakeEscape(ref TomlCursor cursor, StringBuilder text)
    {
        const string Letters = "btnfr\"\\";
        int known = Letters.IndexOf((char)Math.Max(cursor.Peek(1), 0), StringComparison.Ordinal);
        if (known >= 0)
        {
            text.Append("\b\t\n\f\r\"\\"[known]);
            cursor.Move(2);
            return true;
        }

        int digits = cursor.Peek(1) switch { 'u' => 4, 'U' => 8, _ => 0 };
        if (digits == 0)
        {
            return cursor.Fail(TomlMessages.BadEscape());
        }

        uint code = 0;
        for (int i = 0; i < digits; i++)
        {
            int digit = cursor.Peek(2 + i);
            if (digit < 0 || !char.IsAsciiHexDigit((char)digit))
            {
                return cursor.Fail(TomlMessages.BadCode(digits));
            }

            code = (code << 4) | uint.Parse([(char)digit], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        }

        if (!Rune.TryCreate(code, out Rune rune))
        {
            return cursor.Fail(TomlMessages.NoCharacter());
        }

        text.Append(rune);
        cursor.Move(2 + digits);
        return true;
    }

    private static bool IsContinued(ref TomlCursor cursor, int quote) =>
        quote == '"' && cursor.Current == '\\' && cursor.Peek(1) is ' ' or '\t' or '\r' or '\n';

    /// <summary>Skips a backslash at the end of a line and all following blanks and line breaks.</summary>
    private static bool TryContinue(ref TomlCursor cursor, StringBuilder text, ref int from)
    {
        text.Append(cursor.TextFrom(from));
        SourcePosition backslash = cursor.Here;
        cursor.Move(1);
        cursor.SkipBlanks();
        if (!cursor.IsAtLineBreak)
        {
            return cursor.Fail(backslash, TomlMessages.BadEscape());
        }

        while (cursor.TryTakeLineBreak())
        {
            cursor.SkipBlanks();
        }

        from = cursor.At;
        return true;
    }
}
