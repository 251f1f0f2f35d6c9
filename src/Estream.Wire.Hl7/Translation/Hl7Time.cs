namespace Estream.Wire.Hl7.Translation;

/// <summary>Converts times of HL7 (<c>YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]</c>, chapter 2A, "DTM") to dateTime of FHIR. Pure and
/// thread-safe; allocates nothing.</summary>
internal static class Hl7Time
{
    /// <summary>The maximum length of a converted time.</summary>
    public const int MaxLength = 35;

    /// <summary>The maximum length of a date.</summary>
    public const int MaxDateLength = 10;

    private const int MinuteDigits = 12;

    /// <summary>Converts a time.</summary>
    /// <param name="time">The first component of a field.</param>
    /// <param name="defaultOffset">The offset of times without one, as in <c>+01:00</c>; empty if unknown. FHIR requires an offset, so a
    /// time
    /// without a known offset becomes a date.</param>
    /// <param name="destination">Receives at most <see cref="MaxLength"/> bytes.</param>
    /// <returns>Bytes written; 0 if the value is not a time.</returns>
    public static int ToFhir(ReadOnlySpan<byte> time, ReadOnlySpan<byte> defaultOffset, Span<byte> destination)
    {
        time = time.Trim((byte)' ');
        int sign = time.IndexOfAny((byte)'+', (byte)'-');
        ReadOnlySpan<byte> offset = sign < 0 ? [] : time[sign..];
        ReadOnlySpan<byte> digits = sign < 0 ? time : time[..sign];
        int point = digits.IndexOf((byte)'.');
        ReadOnlySpan<byte> fraction = point < 0 ? [] : digits[(point + 1)..];
        digits = point < 0 ? digits : digits[..point];
        if (digits.Length is not (4 or 6 or 8 or 10 or 12 or 14) || !AreDigits(digits) || !AreDigits(fraction) || fraction.Length > 6
            || !IsCalendar(digits) || (offset.Length != 0 && (offset.Length != 5 || !AreDigits(offset[1..]))))
        {
            return 0;
        }

        int written = WriteDate(digits, destination);
        bool hasOffset = !offset.IsEmpty || !defaultOffset.IsEmpty;
        if (digits.Length < MinuteDigits || !hasOffset)
        {
            return written;
        }

        destination[written++] = (byte)'T';
        Put(digits.Slice(8, 2), destination, ref written);
        destination[written++] = (byte)':';
        Put(digits.Slice(10, 2), destination, ref written);
        destination[written++] = (byte)':';
        Put(digits.Length == 14 ? digits.Slice(12, 2) : "00"u8, destination, ref written);
        if (!fraction.IsEmpty && digits.Length == 14)
        {
            destination[written++] = (byte)'.';
            Put(fraction, destination, ref written);
        }

        if (offset.IsEmpty)
        {
            Put(defaultOffset, destination, ref written);
        }
        else
        {
            Put(offset[..3], destination, ref written);
            destination[written++] = (byte)':';
            Put(offset[3..], destination, ref written);
        }

        return written;
    }

    /// <summary>Converts the date of a time: a year, a month or a day.</summary>
    /// <returns>Bytes written; 0 if the value is not a time.</returns>
    public static int ToDate(ReadOnlySpan<byte> time, Span<byte> destination)
    {
        Span<byte> whole = stackalloc byte[MaxLength];
        int length = Math.Min(ToFhir(time, [], whole), MaxDateLength);
        whole[..length].CopyTo(destination);
        return length;
    }

    private static int WriteDate(ReadOnlySpan<byte> digits, Span<byte> destination)
    {
        int written = 0;
        Put(digits[..4], destination, ref written);
        for (int part = 4; part < Math.Min(digits.Length, 8); part += 2)
        {
            destination[written++] = (byte)'-';
            Put(digits.Slice(part, 2), destination, ref written);
        }

        return written;
    }

    private static void Put(ReadOnlySpan<byte> source, Span<byte> destination, ref int written)
    {
        source.CopyTo(destination[written..]);
        written += source.Length;
    }

    private static bool AreDigits(ReadOnlySpan<byte> text) => !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private static bool IsCalendar(ReadOnlySpan<byte> digits)
    {
        int year = (Two(digits, 0) * 100) + Two(digits, 2);
        int month = digits.Length >= 6 ? Two(digits, 4) : 1;
        int day = digits.Length >= 8 ? Two(digits, 6) : 1;
        return year >= 1 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            && (digits.Length < 10 || Two(digits, 8) < 24) && (digits.Length < 12 || Two(digits, 10) < 60)
            && (digits.Length < 14 || Two(digits, 12) <= 60);
    }

    private static int Two(ReadOnlySpan<byte> digits, int at) => ((digits[at] - '0') * 10) + digits[at + 1] - '0';
}
