using System.Globalization;
using System.Text;
using Estream.Esf.Schema;

namespace Estream.Marketplace.Toml;

/// <summary>All messages about TOML; a golden file of the tests contains them all.</summary>
internal static class TomlMessages
{
    private const int MaxShown = 40;

    public static string TooLong() =>
        string.Create(CultureInfo.InvariantCulture, $"the file is longer than {TomlLimits.MaxBytes} bytes: split it");

    public static string TooDeep() =>
        string.Create(CultureInfo.InvariantCulture, $"tables and arrays are nested deeper than {TomlLimits.MaxDepth}: flatten them");

    public static string TooMany() =>
        string.Create(CultureInfo.InvariantCulture, $"there are more than {TomlLimits.MaxValues} keys and items: split the file");

    public static string NotUtf8(byte found) =>
        string.Create(CultureInfo.InvariantCulture, $"the byte 0x{found:X2} is not UTF-8 here: save the file as UTF-8");

    public static string Expected(string wanted, string found) => $"expected {wanted}, and found {found}";

    public static string Control(int found) =>
        $"the control character {CodePoint(found)} may not stand here: remove it, or write it as an escape in a string in double quotes, "
        + $"such as \\u{found.ToString("X4", CultureInfo.InvariantCulture)}";

    public static string CodePoint(int code) => "U+" + code.ToString("X4", CultureInfo.InvariantCulture);

    public static string NoClosingQuote(char quote) =>
        $"the string that begins here has no {quote} at its end on the same line: add it, or begin and end a text of several lines with "
        + $"{new string(quote, 3)}";

    public static string NoClosingQuotes(char quote) => $"the string that begins here has no {new string(quote, 3)} at its end: add them";

    public static string KeyOfLines() => "a key stands on one line: write it in single or double quotes, one on each side";

    public static string BadEscape() =>
        "this is no escape: write one of \\b \\t \\n \\f \\r \\\" \\\\ \\uXXXX \\UXXXXXXXX, or \\\\ for a backslash, or put the text in "
        + "single quotes";

    public static string BadCode(int digits) =>
        string.Create(CultureInfo.InvariantCulture, $"expected {digits} hexadecimal digits behind \\{(digits == 4 ? 'u' : 'U')}");

    public static string NoCharacter() =>
        "there is no character of this number: write one from 0 to 10FFFF that is no surrogate (D800 to DFFF)";

    public static string NoValue(string word)
    {
        string shown = Shorten(word);
        return word.ToUpperInvariant() switch
        {
            "TRUE" or "FALSE" => $"'{shown}' is no value: booleans are lower case, write {word.ToLowerInvariant()}",
            "INF" or "NAN" => $"'{shown}' is no value: write {word.ToLowerInvariant()}",
            "YES" or "ON" => $"'{shown}' is no value: write true, or \"{shown}\" for a text",
            "NO" or "OFF" => $"'{shown}' is no value: write false, or \"{shown}\" for a text",
            "NULL" or "NIL" or "NONE" => $"'{shown}' is no value, and there is none for nothing: leave the key out",
            _ => $"'{shown}' is no value: a text needs quotes, write \"{shown}\"",
        };
    }

    public static string NoNumber(string word) =>
        $"'{Shorten(word)}' is no number: write for example 42, -17, 1_000, 0xff, 3.14 or 6.6e-34, with digits on both sides of a point "
        + "and of each '_'; a text needs quotes";

    public static string LeadingZero(string word) => $"'{Shorten(word)}' begins with a zero: remove it, or write a text in quotes";

    public static string OutOfRange(string word) =>
        $"'{Shorten(word)}' does not fit 64 bits: write a number from -9223372036854775808 to 9223372036854775807, or a text in quotes";

    public static string OutOfRangeFloat(string word) =>
        $"'{Shorten(word)}' is larger than any 64-bit float: write a number up to 1.7e308, or inf";

    public static string NoDate(string word) =>
        $"'{Shorten(word)}' is no date or time: write for example 1979-05-27T07:32:00Z, 1979-05-27T07:32:00+02:00, 1979-05-27 or "
        + "07:32:00; a text needs quotes";

    public static string Duplicate(string key, SourcePosition first) =>
        string.Create(CultureInfo.InvariantCulture,
            $"'{Shorten(key)}' already has a value, on line {first.Line}: remove one of the two or rename it");

    public static string TableTwice(string key, TomlValue other) => other switch
    {
        TomlTable { Form: TomlTableForm.Header } =>
            string.Create(CultureInfo.InvariantCulture,
                $"the table '{Shorten(key)}' is already defined on line {other.Position.Line}: write its keys there, or rename one of the "
                + $"two"),
        TomlArray { IsOfTables: true } =>
            string.Create(CultureInfo.InvariantCulture,
                $"'{Shorten(key)}' is an array of tables since line {other.Position.Line}: write [[...]] for one more item"),
        _ => NotOpen(key, other),
    };

    public static string NotArrayOfTables(string key, TomlValue other) =>
        string.Create(CultureInfo.InvariantCulture,
            $"'{Shorten(key)}' is {NameOf(other)} since line {other.Position.Line}, not an array of tables: write each item as [[...]], "
            + $"or rename one of the two");

    public static string NotOpen(string key, TomlValue other) =>
        string.Create(CultureInfo.InvariantCulture,
            $"'{Shorten(key)}' is {NameOf(other)} since line {other.Position.Line}, and nothing can be added to it here: write the key "
            + $"where it is defined, or rename one of the two");

    /// <summary>Returns the name of a kind with its article.</summary>
    public static string NameOf(TomlKind kind) => kind switch
    {
        TomlKind.String => "a string",
        TomlKind.Integer => "a whole number",
        TomlKind.Float => "a number with a fraction",
        TomlKind.Boolean => "true or false",
        TomlKind.LocalDate => "a date",
        TomlKind.LocalTime => "a time",
        TomlKind.Array => "an array",
        TomlKind.Table => "a table",
        _ => "a date with a time",
    };

    /// <summary>Returns the beginning of an untrusted text, without characters that move the cursor, change the direction of others or are
    /// invisible.</summary>
    public static string Shorten(string text, int most = MaxShown)
    {
        StringBuilder shown = new();
        int count = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (count++ == most)
            {
                return shown.Append("...").ToString();
            }

            bool isSeen = rune.Value == ' '
                || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.NonSpacingMark
                    or UnicodeCategory.EnclosingMark or UnicodeCategory.SpaceSeparator);
            shown.Append(isSeen ? rune.ToString() : CodePoint(rune.Value));
        }

        return shown.ToString();
    }

    private static string NameOf(TomlValue value) => value switch
    {
        TomlTable { Form: TomlTableForm.Inline } => "a table in braces",
        TomlTable { Form: TomlTableForm.DottedKey } => "a table made by keys with dots",
        TomlArray { IsOfTables: true } => "an array of tables",
        _ => NameOf(value.Kind),
    };
}
