using System.Buffers.Text;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text.Unicode;
using Estream.Core;

namespace Estream.Wire.Fix.Codec;

/// <summary>Reads and writes numbers and times as FIX encodes them. Nothing is rounded, and no bytes from the wire make these methods
/// throw.</summary>
internal static class FixText
{
    /// <summary>The byte that ends every field.</summary>
    public const byte Soh = 1;

    /// <summary>The length of a time with milliseconds: 20260707-12:30:00.000.</summary>
    public const int TimeLength = 21;

    /// <summary>The maximum length of a whole number in bytes.</summary>
    public const int MaxNumberLength = 20;

    /// <summary>The maximum length of a number with a fraction, including sign and point, in bytes.</summary>
    public const int MaxFixedLength = MaxNumberLength + MaxDecimals + 2;

    /// <summary>The maximum number of decimal places of a fixed-point number.</summary>
    public const int MaxDecimals = 18;

    private const int DayLength = 8;
    private const int ClockLength = 8;
    private const int MaxFraction = 12;
    private const int ShortText = 32;

    // A number of eight digits, followed by this many zeros, fits in 63 bits.
    private const int MaxShortZeros = 10;
    private const int ShortestTime = 17;
    private const int MaxDigits = 18;
    private const int MaxTagDigits = 9;
    private const long NanosPerTick = 100;
    private const long NanosPerSecond = 1_000_000_000;
    private const long NanosPerDay = 86_400 * NanosPerSecond;

    private static ReadOnlySpan<ulong> PowersOfTen =>
    [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000,
        1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000,
        100_000_000_000_000_000, 1_000_000_000_000_000_000,
    ];

    public static bool IsDigit(byte value)
    {
        return (uint)(value - '0') <= 9;
    }

    /// <summary>Reads the tag of a field: digits without a leading zero, and the equals sign. A minus sign is accepted so that the Reject
    /// can name the number.</summary>
    /// <param name="message">The message.</param>
    /// <param name="position">The offset of the field in the message.</param>
    /// <param name="tag">The tag; on failure, the digits read so far.</param>
    /// <param name="length">The length of the tag and the equals sign in bytes; 0 on failure.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTag(ReadOnlySpan<byte> message, int position, out int tag, out int length)
    {
        // Defined tags have one to five digits, so eight bytes also hold the equals sign.
        ReadOnlySpan<byte> field = message[position..];
        ulong eight = EightBytes.Of(field);
        int digits = EightBytes.IndexOf(eight, (byte)'=');
        length = digits + 1;
        return ((uint)(digits - 1) < sizeof(ulong) - 1 && (byte)eight != '0'
            && EightBytes.TryDigits(EightBytes.First(eight, digits), out tag))
            || TryAnyTag(field, out tag, out length);
    }

    /// <summary>Reads a tag of one to three digits, which nearly all fields have.</summary>
    /// <param name="field">The first four bytes of a field, first byte lowest.</param>
    /// <param name="length">The length of the tag and the equals sign in bytes.</param>
    /// <returns>The tag; 0 if the field has a longer tag or none.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ShortTag(uint field, out int length)
    {
        // The lowest set top bit marks the first equals sign. Without one, the count is 32 and the length is 4 + 1.
        uint others = field ^ 0x3D3D_3D3D;
        int bits = BitOperations.TrailingZeroCount((others - 0x0101_0101) & ~others & 0x8080_8080);
        length = (bits >> 3) + 1;

        // Shift the digits so that the last one is in the highest byte; zeros fill the bytes below.
        uint digits = (field ^ 0x3030_3030) << (39 - bits);
        bool isTag = (((digits + 0x7676_7676) | digits) & 0x8080_8080) == 0 && (uint)(bits - 15) < 17 && (byte)field != '0';
        return isTag ? (int)((digits >> 24) + (10 * (byte)(digits >> 16)) + (100 * (byte)(digits >> 8))) : 0;
    }

    /// <summary>Reads a whole number: an optional minus sign and 1 to 18 digits.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> text, out long value)
    {
        if (text.Length is > 0 and <= sizeof(ulong)
            && EightBytes.TryDigits(EightBytes.First(EightBytes.Of(text), text.Length), out int few))
        {
            value = few;
            return true;
        }

        value = 0;
        bool isNegative = !text.IsEmpty && text[0] == '-';
        ReadOnlySpan<byte> digits = isNegative ? text[1..] : text;
        if (digits.IsEmpty || digits.Length > MaxDigits)
        {
            return false;
        }

        long number = 0;
        foreach (byte digit in digits)
        {
            if (!IsDigit(digit))
            {
                return false;
            }

            number = (number * 10) + (digit - '0');
        }

        value = isNegative ? -number : number;
        return true;
    }

    /// <summary>Reads a number with an optional fraction, multiplied by ten to the power of <paramref name="decimals"/>.</summary>
    /// <returns>False if the text is not a number, or the result would not be exact or does not fit.</returns>
    public static bool TryFixed(ReadOnlySpan<byte> text, int decimals, out long value)
    {
        value = ShortFixed(EightBytes.Of(text), text.Length, decimals);
        return value >= 0 || TryAnyFixed(text, decimals, out value);
    }

    /// <summary>Reads a number like the other overload, from a field of a message.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryFixed(ReadOnlySpan<byte> message, int start, int length, int decimals, out long value)
    {
        // CheckSum follows every other field, so eight bytes can be read at once.
        value = start <= message.Length - sizeof(ulong) ? ShortFixed(SpanValue.Read<ulong>(message, start), length, decimals) : -1;
        return value >= 0 || TryAnyFixed(message.Slice(start, length), decimals, out value);
    }

    /// <summary>Whether a field of a message is valid UTF-8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsUtf8(ReadOnlySpan<byte> message, int start, int length)
    {
        // Nearly all texts are short and ASCII. The shift leaves only the bits of the text's bytes.
        return ((uint)(length - 1) < ShortText && start <= message.Length - ShortText
            && SpanValue.Read<Vector256<byte>>(message, start).ExtractMostSignificantBits() << (ShortText - length) == 0)
            || Utf8.IsValid(message.Slice(start, length));
    }

    /// <summary>Writes a fixed-point number without trailing zeros in its fraction.</summary>
    /// <returns>Bytes written; <see cref="MaxFixedLength"/> are always enough.</returns>
    public static int WriteFixed(Span<byte> destination, long value, int decimals)
    {
        Span<byte> digits = stackalloc byte[MaxNumberLength];
        Utf8Formatter.TryFormat(AbsoluteValue(value), digits, out int count);
        int position = 0;
        if (value < 0)
        {
            destination[position++] = (byte)'-';
        }

        int whole = count - decimals;
        if (whole <= 0)
        {
            destination[position++] = (byte)'0';
        }
        else
        {
            digits[..whole].CopyTo(destination[position..]);
            position += whole;
        }

        int last = LastThatCounts(digits[..count], Math.Max(whole, 0));
        if (last < 0)
        {
            return position;
        }

        destination[position++] = (byte)'.';
        for (; whole < 0; whole++)
        {
            destination[position++] = (byte)'0';
        }

        digits[whole..(last + 1)].CopyTo(destination[position..]);
        return position + last + 1 - whole;
    }

    /// <summary>Reads a UTCTimestamp as nanoseconds since 1970. Digits after the ninth of the fraction are dropped; a leap second counts as
    /// the next second.</summary>
    public static bool TryTime(ReadOnlySpan<byte> text, out long utcNanos)
    {
        utcNanos = 0;
        return HasDay(text) && TryDay(text[..DayLength], out long day) && TryTimeFrom(day, text, out utcNanos);
    }

    /// <summary>Reads a UTCTimestamp like the other overload, with a cache for times of the same day.</summary>
    /// <remarks>Not inlined: a translation reads many fields, and the compiler keeps only a limited number of variables of one method in
    /// registers. The same applies to <see cref="ShortFixed"/>.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool TryTime(ReadOnlySpan<byte> text, DateCache days, out long utcNanos)
    {
        utcNanos = 0;
        return HasDay(text) && days.TryRead(text[..DayLength], out long day) && TryTimeFrom(day, text, out utcNanos);
    }

    /// <summary>Reads a day written YYYYMMDD as nanoseconds from 1970 to its start.</summary>
    public static bool TryDay(ReadOnlySpan<byte> text, out long utcNanos)
    {
        utcNanos = 0;
        if (text.Length != sizeof(ulong) || !EightBytes.TryDigits(EightBytes.Of(text), out int date)
            || !FixCalendar.TryDay(date / 1_00_00, date / 1_00 % 1_00, date % 1_00, out int day))
        {
            return false;
        }

        utcNanos = day * NanosPerDay;
        return true;
    }

    /// <summary>Reads HH:MM:SS with an optional fraction of one to twelve digits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTimeOfDay(ReadOnlySpan<byte> text, out long nanos)
    {
        nanos = 0;
        if (text.Length < sizeof(ulong) || !EightBytes.TryClock(EightBytes.Of(text), out int hour, out int minute, out int second)
            || hour > 23 || minute > 59 || second > 60 || !TryFraction(text, out long fraction))
        {
            return false;
        }

        nanos = ((((hour * 60L) + minute) * 60) + second) * NanosPerSecond + fraction;
        return true;
    }

    /// <summary>Writes a time with milliseconds, <see cref="TimeLength"/> bytes.</summary>
    public static void WriteTime(Span<byte> destination, long utcNanos)
    {
        DateTime time = DateTime.UnixEpoch.AddTicks(utcNanos / NanosPerTick);
        WritePart(destination[..4], time.Year);
        WritePart(destination[4..6], time.Month);
        WritePart(destination[6..8], time.Day);
        destination[8] = (byte)'-';
        WritePart(destination[9..11], time.Hour);
        destination[11] = (byte)':';
        WritePart(destination[12..14], time.Minute);
        destination[14] = (byte)':';
        WritePart(destination[15..17], time.Second);
        destination[17] = (byte)'.';
        WritePart(destination[18..21], time.Millisecond);
    }

    /// <summary>Writes a field with its SOH.</summary>
    /// <returns>The number of bytes written, at most 13 more than the length of the value.</returns>
    public static int WriteField(Span<byte> destination, int tag, ReadOnlySpan<byte> value)
    {
        Utf8Formatter.TryFormat(tag, destination, out int length);
        destination[length++] = (byte)'=';
        value.CopyTo(destination[length..]);
        length += value.Length;
        destination[length++] = Soh;
        return length;
    }

    private static bool HasDay(ReadOnlySpan<byte> text)
    {
        return text.Length >= ShortestTime && text[DayLength] == '-';
    }

    private static bool TryTimeFrom(long day, ReadOnlySpan<byte> text, out long utcNanos)
    {
        bool isTime = TryTimeOfDay(text[(DayLength + 1)..], out long ofDay);
        utcNanos = isTime ? day + ofDay : 0;
        return isTime;
    }

    private static bool TryAnyTag(ReadOnlySpan<byte> text, out int tag, out int length)
    {
        tag = 0;
        length = 0;
        int first = !text.IsEmpty && text[0] == '-' ? 1 : 0;
        for (int index = first; index < text.Length && index - first <= MaxTagDigits; index++)
        {
            byte current = text[index];
            if (current == '=')
            {
                bool isPlain = index > first && (text[first] != '0' || index == first + 1);
                tag = first == 0 ? tag : -tag;
                length = isPlain ? index + 1 : 0;
                return isPlain;
            }

            if (!IsDigit(current) || index - first == MaxTagDigits)
            {
                return false;
            }

            tag = (tag * 10) + (current - '0');
        }

        return false;
    }

    /// <summary>Reads an unsigned number of up to eight bytes, which covers nearly all prices and quantities.</summary>
    /// <param name="eight">The text, followed by any bytes.</param>
    /// <param name="length">The length of the text.</param>
    /// <param name="decimals">The decimal places of the result.</param>
    /// <returns>The number; negative if the text is not a number or has to be read digit by digit.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long ShortFixed(ulong eight, int length, int decimals)
    {
        int digits = length;
        int zeros = decimals;
        int point = EightBytes.IndexOf(eight, (byte)'.');
        if (point < digits)
        {
            digits--;
            zeros -= digits - point;
            eight = EightBytes.Without(eight, point);
        }

        // Nine bytes with a point are refused too: the ninth is not among the eight, and removing the point leaves a zero byte.
        return (uint)(digits - 1) < sizeof(ulong) && (uint)zeros <= MaxShortZeros
            && EightBytes.TryDigits(EightBytes.First(eight, digits), out int number)
            ? number * (long)PowersOfTen[zeros]
            : -1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryAnyFixed(ReadOnlySpan<byte> text, int decimals, out long value)
    {
        value = 0;
        bool isNegative = !text.IsEmpty && text[0] == '-';
        int digits = 0;
        int fraction = -1;
        long number = 0;
        foreach (byte current in isNegative ? text[1..] : text)
        {
            if (current == '.')
            {
                if (fraction >= 0)
                {
                    return false;
                }

                fraction = 0;
                continue;
            }

            if (!IsDigit(current) || !TryTake(current, decimals, ref number, ref fraction))
            {
                return false;
            }

            digits++;
        }

        ulong high = Math.BigMul((ulong)number, PowersOfTen[decimals - Math.Max(fraction, 0)], out ulong low);
        if (high != 0 || low > long.MaxValue)
        {
            return false;
        }

        number = (long)low;
        value = isNegative ? -number : number;
        return digits > 0;
    }

    private static bool TryTake(byte digit, int decimals, ref long number, ref int fraction)
    {
        if (fraction >= decimals)
        {
            // A digit beyond the requested decimals would be lost, unless it is zero.
            return digit == '0';
        }

        int value = digit - '0';
        if (number > long.MaxValue / 10 || (number == long.MaxValue / 10 && value > long.MaxValue % 10))
        {
            return false;
        }

        number = (number * 10) + value;
        fraction += fraction >= 0 ? 1 : 0;
        return true;
    }

    private static ulong AbsoluteValue(long value)
    {
        return value < 0 ? 0UL - (ulong)value : (ulong)value;
    }

    /// <summary>The index of the last nonzero digit at or after an index; -1 if there is none.</summary>
    private static int LastThatCounts(ReadOnlySpan<byte> digits, int from)
    {
        int last = digits.LastIndexOfAnyExcept((byte)'0');
        return last >= from ? last : -1;
    }

    /// <summary>Reads the fraction after HH:MM:SS, which may be absent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryFraction(ReadOnlySpan<byte> time, out long nanos)
    {
        nanos = 0;
        int digits = time.Length - ClockLength - 1;
        if (digits < 0)
        {
            return true;
        }

        if (time[ClockLength] != '.' || digits is 0 or > MaxFraction)
        {
            return false;
        }

        // Fewer than eight digits are the last bytes of the eight that are read. The shift removes the bytes before them.
        ulong eight = digits < sizeof(ulong)
            ? SpanValue.Read<ulong>(time, time.Length - sizeof(ulong)) >> (8 * (sizeof(ulong) - digits))
            : SpanValue.Read<ulong>(time, ClockLength + 1);
        if (!EightBytes.TryDigits(EightBytes.Fraction(eight, Math.Min(digits, sizeof(ulong))), out int first))
        {
            return false;
        }

        nanos = first * 10L;
        for (int place = ClockLength + 1 + sizeof(ulong); place < time.Length; place++)
        {
            if (!IsDigit(time[place]))
            {
                return false;
            }

            nanos += place == ClockLength + 1 + sizeof(ulong) ? time[place] - '0' : 0;
        }

        return true;
    }

    private static void WritePart(Span<byte> destination, int value)
    {
        for (int place = destination.Length - 1; place >= 0; place--)
        {
            destination[place] = (byte)('0' + (value % 10));
            value /= 10;
        }
    }
}
