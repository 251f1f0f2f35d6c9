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
        string.Create(CultureInfo.InvariantCulture, $"the byte 0x{found:X2} is not valid UTF-8: save the file as UTF-8");

    public static string Expected(string wanted, string found) => $"expected {wanted}, but found {found}";

    public static string Control(int found) =>
        $"the control character {CodePoint(found)} is not allowed here: remove it, or escape it in a double-quoted string, "
        + $"such as \\u{found.ToString("X4", CultureInfo.InvariantCulture)}";

    public static string CodePoint(int code) => "U+" + code.ToString("X4", CultureInfo.InvariantCulture);

    public static string NoClosingQuote(char quote) =>
        $"the string that begins here has no closing {quote} on the same line: add it, or enclose a multi-line text in "
        + $"{new string(quote, 3)}";

    public static string NoClosingQuotes(char quote) => $"the string that begins here has no closing {new string(quote, 3)}: add it";

    public static string KeyOfLines() => "a key must be on one line: enclose it in one single or double quote on each side";

    public static string BadEscape() =>
        "this is not a valid escape: use one of \\b \\t \\n \\f \\r \\\" \\\\ \\uXXXX \\UXXXXXXXX, or put the text in "
        + "single quotes";

    public static string BadCode(int digits) =>
        string.Create(CultureInfo.InvariantCulture, $"expected {digits} hexadecimal digits after \\{(digits == 4 ? 'u' : 'U')}");

    public static string NoCharacter() =>
        "this is not the code of a character: use one from 0 to 10FFFF that is not a surrogate (D800 to DFFF)";

    public static string NoValue(string word)
    {
        string shown = Shorten(word);
        return word.ToUpperInvariant() switch
        {
            "TRUE" or "FALSE" => $"'{shown}' is not a value: booleans are lower case, use {word.ToLowerInvariant()}",
            "INF" or "NAN" => $"'{shown}' is not a value: use {word.ToLowerInvariant()}",
            "YES" or "ON" => $"'{shown}' is not a value: use true, or \"{shown}\" for a string",
            "NO" or "OFF" => $"'{shown}' is not a value: use false, or \"{shown}\" for a string",
            "NULL" or "NIL" or "NONE" => $"'{shown}' is not a value, and TOML has no null: remove the key",
            _ => $"'{shown}' is not a value: a string needs quotes, use \"{shown}\"",
        };
    }

    public static string NoNumber(string word) =>
        $"'{Shorten(word)}' is not a number: write for example 42, -17, 1_000, 0xff, 3.14 or 6.6e-34, with digits on both sides of a point "
        + "and of each '_'; a string needs quotes";

    public static string LeadingZero(string word) =>
        $"'{Shorten(word)}' begins with a zero: remove the zero, or enclose a string in quotes";

    public static string OutOfRange(string word) =>
        $"'{Shorten(word)}' does not fit in 64 bits: use a number from -9223372036854775808 to 9223372036854775807, or enclose a string in "
        + "quotes";

    public static string OutOfRangeFloat(string word) =>
        $"'{Shorten(word)}' is larger than any 64-bit float: use a number up to 1.7e308, or inf";

    public static string NoDate(string word) =>
        $"'{Shorten(word)}' is not a date or time: write for example 1979-05-27T07:32:00Z, 1979-05-27T07:32:00+02:00, 1979-05-27 or "
        + "07:32:00; a string needs quotes";

    public static string Duplicate(string key, SourcePosition first) =>
        string.Create(CultureInfo.InvariantCulture,
            $"'{Shorten(key)}' already has a value, on line {first.Line}: remove one of them or rename it");

    public static string TableTwice(string key, TomlValue other) => other switch
    {
        TomlTable { Form: TomlTableForm.Header } =>
            string.Create(CultureInfo.InvariantCulture,
                $"the table '{Shorten(key)}' is already defined on line {other.Position.Line}: write its keys there, or "
                + $"rename one of them"),
        TomlArray { IsOfTables: true } =>
            string.Create(CultureInfo.InvariantCulture,
                $"'{Shorten(key)}' is an array of tables defined on line {other.Position.Line}: use [[...]] to add an item"),
        _ => NotOpen(key, other),
    };

    public static string NotArrayOfTables(string key, TomlValue other) =>
        string.Create(CultureInfo.InvariantCulture,
            $"'{Shorten(key)}' is {NameOf(other)} defined on line {other.Position.Line}, not an array of tables: write each item as "
            + $"[[...]], or rename one of them");

    public static string NotOpen(string key, TomlValue other) =>
        string.Create(CultureInfo.InvariantCulture,
            $"'{Shorten(key)}' is {NameOf(other)} defined on line {other.Position.Line}, and nothing can be added to it here: write the "
            + $"key where it is defined, or rename one of them");

    /// <summary>Returns the name of a kind with its article.</summary>
    public static string NameOf(TomlKind kind) => kind switch
    {
        TomlKind.String => "a string",
        TomlKind.Integer => "a whole number",
        TomlKind.Float => "a float",
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
        TomlTable { Form: TomlTableForm.Inline } => "an inline table",
        TomlTable { Form: TomlTableForm.DottedKey } => "a table of dotted keys",
        TomlArray { IsOfTables: true } => "an array of tables",
        _ => NameOf(value.Kind),
    };
}
