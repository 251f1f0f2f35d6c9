using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Translation;

/// <summary>Reads and writes times with nanosecond precision. Nothing is truncated; a time with finer digits is refused.</summary>
internal static class ExactTime
{
    /// <summary>The maximum length of a written time: 20260707-12:30:00.123456789.</summary>
    public const int MaxLength = SecondsLength + 1 + NanoDigits;

    /// <summary>The length of the date.</summary>
    public const int DayLength = 8;

    private const int SecondsLength = 17;
    private const int NanoDigits = 9;
    private const long NanosPerSecond = 1_000_000_000;
    private const long NanosPerMicro = 1_000;
    private const long NanosPerMilli = 1_000_000;

    /// <summary>The last nanosecond of 2261, the last supported year.</summary>
    private const long LastNanos = 9_214_646_399_999_999_999;

    /// <summary>Reads a UTCTimestamp.</summary>
    /// <param name="text">The text.</param>
    /// <param name="days">The cache that reads the day.</param>
    /// <param name="utcNanos">Nanoseconds since 1970.</param>
    /// <returns>False if the text is not a UTCTimestamp or has a fraction of a nanosecond.</returns>
    public static bool TryRead(ReadOnlySpan<byte> text, DateCache days, out long utcNanos)
    {
        utcNanos = 0;
        return IsOfNanos(text, MaxLength) && FixText.TryTime(text, days, out utcNanos);
    }

    /// <summary>Reads a UTCTimeOnly as nanoseconds since midnight.</summary>
    public static bool TryReadTimeOfDay(ReadOnlySpan<byte> text, out long nanos)
    {
        nanos = 0;
        return IsOfNanos(text, MaxLength - DayLength - 1) && FixText.TryTimeOfDay(text, out nanos);
    }

    /// <summary>Writes a UTCTimestamp with 3 decimals, or 6 or 9 if the time needs them.</summary>
    /// <returns>The number of bytes written; 0 if the time is not in the years 1970 to 2261.</returns>
    public static int Write(Span<byte> destination, long utcNanos)
    {
        if (utcNanos is < 0 or > LastNanos)
        {
            return 0;
        }

        FixText.WriteTime(destination, utcNanos);
        long fraction = utcNanos % NanosPerSecond;
        int digits = fraction % NanosPerMilli == 0 ? 3 : fraction % NanosPerMicro == 0 ? 6 : NanoDigits;
        Span<byte> places = destination.Slice(SecondsLength + 1, NanoDigits);
        for (int place = NanoDigits - 1; place >= 0; place--)
        {
            places[place] = (byte)('0' + (fraction % 10));
            fraction /= 10;
        }

        return SecondsLength + 1 + digits;
    }

    /// <summary>Whether all digits after the ninth of the fraction are zero.</summary>
    private static bool IsOfNanos(ReadOnlySpan<byte> text, int length)
    {
        return text.Length <= length || text[length..].IndexOfAnyExcept((byte)'0') < 0;
    }
}
