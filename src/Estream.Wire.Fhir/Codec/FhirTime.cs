namespace Estream.Wire.Fhir.Codec;

/// <summary>Reads dates and times of FHIR. A dateTime is an interval: <c>2012</c> is the whole year. Allocates nothing, never throws,
/// thread-safe.</summary>
internal static class FhirTime
{
    private const long TicksPerNano = 100;
    private const int DateLength = 10;
    private const int SecondsLength = 8;
    private const int MaxFractionDigits = 20;

    /// <summary>Reads a date, and returns where the text after the date begins.</summary>
    public static bool TryReadDate(ReadOnlySpan<byte> text, out int year, out int month, out int day, out int length)
    {
        month = day = 0;
        length = 4;
        if (!TryDigits(text, 0, 4, out year) || year == 0)
        {
            return false;
        }

        if (text.Length > 4 && text[4] == (byte)'-')
        {
            length = 7;
            if (!TryDigits(text, 5, 2, out month) || month is < 1 or > 12)
            {
                return false;
            }
        }

        if (length == 7 && text.Length > 7 && text[7] == (byte)'-')
        {
            length = DateLength;
            return TryDigits(text, 8, 2, out day) && day >= 1 && day <= DateTime.DaysInMonth(year, month);
        }

        return true;
    }

    /// <summary>Reads a time of day: hh:mm:ss with an optional fraction.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ticks">Ticks since midnight; digits beyond a tick are cut. A leap second counts as the second before.</param>
    /// <param name="length">The length of the time.</param>
    public static bool TryReadTimeOfDay(ReadOnlySpan<byte> text, out long ticks, out int length)
    {
        ticks = 0;
        length = SecondsLength;
        if (text.Length < SecondsLength || text[2] != (byte)':' || text[5] != (byte)':' || !TryDigits(text, 0, 2, out int hour)
            || !TryDigits(text, 3, 2, out int minute) || !TryDigits(text, 6, 2, out int second) || hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        ticks = ((((hour * 60L) + minute) * 60) + Math.Min(second, 59)) * TimeSpan.TicksPerSecond;
        if (text.Length == SecondsLength || text[SecondsLength] != (byte)'.')
        {
            return true;
        }

        long unit = TimeSpan.TicksPerSecond;
        int at = SecondsLength + 1;
        while (at < text.Length && char.IsAsciiDigit((char)text[at]) && at - SecondsLength <= MaxFractionDigits)
        {
            unit /= 10;
            ticks += (text[at++] - '0') * unit;
        }

        length = at;
        return at > SecondsLength + 1;
    }

    /// <summary>Reads a date or dateTime as the interval that it covers.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">The first tick, UTC. A date without an offset is taken as UTC.</param>
    /// <param name="end">The tick after the last.</param>
    public static bool TryReadRange(ReadOnlySpan<byte> text, out long start, out long end)
    {
        start = end = 0;
        if (!TryReadDate(text, out int year, out int month, out int day, out int length))
        {
            return false;
        }

        DateTime first = new(year, Math.Max(month, 1), Math.Max(day, 1), 0, 0, 0, DateTimeKind.Utc);
        start = first.Ticks;
        if (length < text.Length)
        {
            return day > 0 && TryReadClock(text[length..], ref start, out long unit) && (end = start + unit) > start;
        }

        // The last interval of the calendar ends with it.
        end = day > 0 ? (first.Date == DateTime.MaxValue.Date ? DateTime.MaxValue.Ticks : first.AddDays(1).Ticks)
            : month > 0 ? (year == 9999 && month == 12 ? DateTime.MaxValue.Ticks : first.AddMonths(1).Ticks)
            : year == 9999 ? DateTime.MaxValue.Ticks : first.AddYears(1).Ticks;
        return true;
    }

    /// <summary>Reads an instant as nanoseconds since 1970 UTC.</summary>
    public static bool TryReadInstant(ReadOnlySpan<byte> text, out long utcNanos)
    {
        utcNanos = 0;
        if (text.Length <= DateLength || !TryReadRange(text, out long start, out _))
        {
            return false;
        }

        long ticks = start - DateTime.UnixEpoch.Ticks;
        bool fits = ticks is <= long.MaxValue / TicksPerNano and >= long.MinValue / TicksPerNano;
        utcNanos = fits ? ticks * TicksPerNano : 0;
        return fits;
    }

    /// <summary>Reads <c>Thh:mm:ss[.fff](Z|±hh:mm)</c>.</summary>
    private static bool TryReadClock(ReadOnlySpan<byte> text, ref long start, out long unit)
    {
        unit = TimeSpan.TicksPerSecond;
        if (text.IsEmpty || text[0] != (byte)'T' || !TryReadTimeOfDay(text[1..], out long ticks, out int length))
        {
            return false;
        }

        for (int digits = length - SecondsLength - 1; digits > 0 && unit > 1; digits--)
        {
            unit /= 10;
        }

        ReadOnlySpan<byte> zone = text[(1 + length)..];
        if (!TryReadZone(zone, out long offset))
        {
            return false;
        }

        long moved = start + ticks - offset;
        if (moved < 0 || moved > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        start = moved;
        return true;
    }

    private static bool TryReadZone(ReadOnlySpan<byte> zone, out long offset)
    {
        offset = 0;
        if (zone.SequenceEqual("Z"u8))
        {
            return true;
        }

        if (zone.Length != 6 || zone[0] is not ((byte)'+' or (byte)'-') || zone[3] != (byte)':' || !TryDigits(zone, 1, 2, out int hours)
            || !TryDigits(zone, 4, 2, out int minutes) || hours > 14 || minutes > 59 || (hours == 14 && minutes > 0))
        {
            return false;
        }

        offset = ((hours * 60L) + minutes) * TimeSpan.TicksPerMinute * (zone[0] == (byte)'-' ? -1 : 1);
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, int at, int count, out int value)
    {
        value = 0;
        if (text.Length < at + count)
        {
            return false;
        }

        for (int i = at; i < at + count; i++)
        {
            if (!char.IsAsciiDigit((char)text[i]))
            {
                return false;
            }

            value = (value * 10) + text[i] - '0';
        }

        return true;
    }
}
