namespace Estream.Wire.Iso20022.Schema;

/// <summary>Validates dates and times in the syntax of XML Schema, with years from 0001 to 9999.</summary>
internal static class TimeText
{
    private const int DateLength = 10;

    private const int MaxOffsetMinutes = 14 * 60;

    /// <summary>Whether a text is a date, with or without an offset.</summary>
    public static bool IsDate(ReadOnlySpan<byte> text) =>
        text.Length >= DateLength && IsDay(text[..DateLength]) && IsOffset(text[DateLength..]);

    /// <summary>Whether a text is a date and time, with or without an offset.</summary>
    public static bool IsDateTime(ReadOnlySpan<byte> text) =>
        text.Length > DateLength && IsDay(text[..DateLength]) && text[DateLength] == (byte)'T' && IsTime(text[(DateLength + 1)..]);

    /// <summary>Whether a text is a time of day, with or without an offset.</summary>
    public static bool IsTime(ReadOnlySpan<byte> text)
    {
        if (text.Length < 8 || text[2] != (byte)':' || text[5] != (byte)':')
        {
            return false;
        }

        int hour = Two(text, 0);
        int minute = Two(text, 3);
        int second = Two(text, 6);
        ReadOnlySpan<byte> rest = text[8..];
        ReadOnlySpan<byte> fraction = default;
        if (!rest.IsEmpty && rest[0] == (byte)'.')
        {
            int end = rest[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            fraction = end < 0 ? rest[1..] : rest.Slice(1, end);
            rest = rest[(1 + fraction.Length)..];
            if (fraction.IsEmpty)
            {
                return false;
            }
        }

        // The end of a day may be written as 24:00:00.
        bool isEndOfDay = hour == 24 && minute == 0 && second == 0 && fraction.TrimEnd((byte)'0').IsEmpty;
        return (isEndOfDay || hour is >= 0 and < 24) && minute is >= 0 and < 60 && second is >= 0 and < 60 && IsOffset(rest);
    }

    /// <summary>Whether a text is a year, with or without an offset.</summary>
    public static bool IsYear(ReadOnlySpan<byte> text) => text.Length >= 4 && Four(text) > 0 && IsOffset(text[4..]);

    /// <summary>Whether a text is a month of a year, with or without an offset.</summary>
    public static bool IsYearMonth(ReadOnlySpan<byte> text) => text.Length >= 7 && IsMonth(text[..7]) && IsOffset(text[7..]);

    private static bool IsMonth(ReadOnlySpan<byte> text) => Four(text) > 0 && text[4] == (byte)'-' && Two(text, 5) is >= 1 and <= 12;

    private static bool IsDay(ReadOnlySpan<byte> text)
    {
        if (!IsMonth(text[..7]) || text[7] != (byte)'-')
        {
            return false;
        }

        int day = Two(text, 8);
        return day >= 1 && day <= DateTime.DaysInMonth(Four(text), Two(text, 5));
    }

    private static bool IsOffset(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text.SequenceEqual("Z"u8))
        {
            return true;
        }

        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != (byte)':')
        {
            return false;
        }

        int hours = Two(text, 1);
        int minutes = Two(text, 4);
        return hours >= 0 && minutes is >= 0 and < 60 && (hours * 60) + minutes <= MaxOffsetMinutes;
    }

    // Two and Four return a negative number if the characters are not digits.
    private static int Two(ReadOnlySpan<byte> text, int at)
    {
        int tens = text[at] - '0';
        int ones = text[at + 1] - '0';
        return (uint)tens <= 9 && (uint)ones <= 9 ? (tens * 10) + ones : -1;
    }

    private static int Four(ReadOnlySpan<byte> text)
    {
        int first = Two(text, 0);
        int second = Two(text, 2);
        return first < 0 || second < 0 ? -1 : (first * 100) + second;
    }
}
