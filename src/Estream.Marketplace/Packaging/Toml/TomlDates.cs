using System.Globalization;
using System.Text;
using Estream.Esf.Schema;

namespace Estream.Marketplace.Toml;

/// <summary>Parses RFC 3339 dates and times: with an offset, without an offset, date only, time only.</summary>
internal static class TomlDates
{
    private const int DateLength = 10;
    private const int TimeLength = 8;
    private const int MaxFractionDigits = 9;

    /// <summary>Parses a word that begins with digits and a dash or a colon; returns null and the error if it is not valid.</summary>
    public static TomlDateTime? Read(ReadOnlySpan<byte> word, SourcePosition position, out string error)
    {
        ReadOnlySpan<byte> rest = word;
        error = TomlMessages.NoDate(Encoding.UTF8.GetString(word));
        string date = "";
        if (IsDate(rest))
        {
            date = Encoding.ASCII.GetString(rest[..DateLength]);
            rest = rest[DateLength..];
            if (rest.IsEmpty)
            {
                return new TomlDateTime(TomlKind.LocalDate, position, date);
            }

            if (rest[0] is not ((byte)'T' or (byte)'t' or (byte)' '))
            {
                return null;
            }

            rest = rest[1..];
        }

        if (!IsTime(rest))
        {
            return null;
        }

        string time = Encoding.ASCII.GetString(rest[..TimeLength]);
        rest = rest[TimeLength..];
        if (!TryReadFraction(ref rest, out string fraction))
        {
            return null;
        }

        string text = (date.Length > 0 ? date + "T" : "") + time + fraction;
        if (rest.IsEmpty)
        {
            return new TomlDateTime(date.Length > 0 ? TomlKind.LocalDateTime : TomlKind.LocalTime, position, text);
        }

        return date.Length > 0 && ReadOffset(rest) is { } offset
            ? new TomlDateTime(TomlKind.OffsetDateTime, position, text + offset)
            : null;
    }

    private static bool IsDate(ReadOnlySpan<byte> text)
    {
        if (text.Length < DateLength || text[4] != '-' || text[7] != '-'
            || !TryNumber(text[..4], out int year) || !TryNumber(text[5..7], out int month) || !TryNumber(text[8..10], out int day))
        {
            return false;
        }

        // RFC 3339 has a year 0, which .NET does not support; 2000 is a leap year too.
        return month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year == 0 ? 2000 : year, month);
    }

    /// <summary>Returns whether a text begins with hours, minutes and seconds; second 60 is a leap second.</summary>
    private static bool IsTime(ReadOnlySpan<byte> text) =>
        text.Length >= TimeLength && text[2] == ':' && text[5] == ':'
        && TryNumber(text[..2], out int hour) && TryNumber(text[3..5], out int minute) && TryNumber(text[6..8], out int second)
        && hour <= 23 && minute <= 59 && second <= 60;

    private static bool TryReadFraction(ref ReadOnlySpan<byte> rest, out string fraction)
    {
        fraction = "";
        if (rest.IsEmpty || rest[0] != '.')
        {
            return true;
        }

        int end = rest[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        int count = end < 0 ? rest.Length - 1 : end;
        string digits = Encoding.ASCII.GetString(rest.Slice(1, Math.Min(count, MaxFractionDigits))).TrimEnd('0');
        fraction = digits.Length == 0 ? "" : "." + digits.PadRight((digits.Length + 2) / 3 * 3, '0');
        rest = rest[(1 + count)..];
        return count > 0;
    }

    private static string? ReadOffset(ReadOnlySpan<byte> text)
    {
        if (text.SequenceEqual("Z"u8) || text.SequenceEqual("z"u8))
        {
            return "Z";
        }

        bool good = text.Length == 6 && text[0] is (byte)'+' or (byte)'-' && text[3] == ':'
            && TryNumber(text[1..3], out int hours) & TryNumber(text[4..6], out int minutes)
            && hours <= 23 && minutes <= 59;
        string offset = good ? Encoding.ASCII.GetString(text) : "";
        return !good ? null : offset[1..] == "00:00" ? "Z" : offset;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out int number) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
