using System.Text;
using Estream.Esf.Schema;

namespace Estream.Marketplace.Toml;

/// <summary>Reads values without quotes or brackets: booleans, numbers, dates and times.</summary>
internal static class TomlWords
{
    public static TomlValue? Read(ref TomlCursor cursor)
    {
        SourcePosition position = cursor.Here;
        int start = cursor.At;
        MoveOverWord(ref cursor);
        ReadOnlySpan<byte> word = cursor.From(start);
        if (word.IsEmpty)
        {
            _ = cursor.FailExpected("a value");
            return null;
        }

        if (IsDate(word) || IsTime(word))
        {
            // A date may be followed by a blank and a time.
            if (IsDate(word) && cursor.Current == ' ' && cursor.Peek(1) is >= '0' and <= '9')
            {
                cursor.Move(1);
                MoveOverWord(ref cursor);
                word = cursor.From(start);
            }

            return Checked(ref cursor, position, TomlDates.Read(word, position, out string error), error);
        }

        if (word.SequenceEqual("true"u8) || word.SequenceEqual("false"u8))
        {
            return new TomlBoolean(position, word.Length == 4);
        }

        return TomlNumbers.IsNumber(word)
            ? Checked(ref cursor, position, TomlNumbers.Read(word, position, out string fault), fault)
            : Checked(ref cursor, position, null, TomlMessages.NoValue(Encoding.UTF8.GetString(word)));
    }

    private static void MoveOverWord(ref TomlCursor cursor)
    {
        while (cursor.Current is not (' ' or '\t' or '\r' or '\n' or ',' or ']' or '}' or '#' or '=' or '"' or '\'' or '[' or '{' or < 0)
            && !cursor.IsAtControl)
        {
            cursor.Move(1);
        }
    }

    private static TomlValue? Checked(ref TomlCursor cursor, SourcePosition position, TomlValue? value, string error)
    {
        _ = value is not null || cursor.Fail(position, error);
        return value;
    }

    /// <summary>Returns whether a word begins with digits and a dash, which no number does.</summary>
    private static bool IsDate(ReadOnlySpan<byte> word) => FirstBehindDigits(word) == '-';

    private static bool IsTime(ReadOnlySpan<byte> word) => FirstBehindDigits(word) == ':';

    private static int FirstBehindDigits(ReadOnlySpan<byte> word)
    {
        int end = word.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return end <= 0 ? -1 : word[end];
    }
}
