using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using Estream.Testing;
using Estream.Wire.Fix.Codec;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Wire.Fix.Tests.Codec;

public class FixTextTests
{
    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1.0")]
    [InlineData("0x1")]
    [InlineData("--1")]
    [InlineData("1234567890123456789")]
    public void TryNumber_refuses_text_that_is_not_a_whole_number(string text)
    {
        Assert.False(FixText.TryNumber(Encoding.UTF8.GetBytes(text), out long value));
        Assert.Equal(0, value);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("007", 7)]
    [InlineData("-12", -12)]
    [InlineData("999999999999999999", 999_999_999_999_999_999)]
    public void TryNumber_reads_whole_numbers(string text, long expected)
    {
        Assert.True(FixText.TryNumber(Encoding.UTF8.GetBytes(text), out long value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("", 2)]
    [InlineData(".", 2)]
    [InlineData("-", 2)]
    [InlineData("1.2.3", 2)]
    [InlineData("1e3", 2)]
    [InlineData("1,5", 2)]
    [InlineData("1.005", 2)]
    [InlineData("0.000000001", 8)]
    [InlineData("92233720368547758.08", 2)]
    [InlineData("9223372036854775808", 0)]
    [InlineData("92233720369", 9)]
    public void TryFixed_refuses_a_number_that_would_not_be_exact(string text, int decimals)
    {
        Assert.False(FixText.TryFixed(Encoding.UTF8.GetBytes(text), decimals, out long value));
        Assert.Equal(0, value);
    }

    [Theory]
    [InlineData("108.25", 8, 10_825_000_000)]
    [InlineData("-108.25", 8, -10_825_000_000)]
    [InlineData("200.00", 0, 200)]
    [InlineData("0.10", 1, 1)]
    [InlineData(".5", 2, 50)]
    [InlineData("5.", 2, 500)]
    [InlineData("1.2300000000000000000000", 2, 123)]
    [InlineData("92233720368547758.07", 2, long.MaxValue)]
    public void TryFixed_keeps_every_digit(string text, int decimals, long expected)
    {
        Assert.True(FixText.TryFixed(Encoding.UTF8.GetBytes(text), decimals, out long value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData(0, 8, "0")]
    [InlineData(1, 8, "0.00000001")]
    [InlineData(-1, 2, "-0.01")]
    [InlineData(10_825_000_000, 8, "108.25")]
    [InlineData(100, 2, "1")]
    [InlineData(120, 0, "120")]
    [InlineData(long.MaxValue, 2, "92233720368547758.07")]
    [InlineData(long.MinValue, 0, "-9223372036854775808")]
    public void WriteFixed_omits_trailing_zeros(long value, int decimals, string expected)
    {
        Span<byte> text = stackalloc byte[FixText.MaxFixedLength];

        int length = FixText.WriteFixed(text, value, decimals);

        Assert.Equal(expected, Encoding.UTF8.GetString(text[..length]));
    }

    [Property(2_000, 200_000, Arbitrary = [typeof(Numbers)])]
    public void TryFixed_reads_any_number_that_WriteFixed_wrote(FixedNumber number)
    {
        byte[] text = new byte[FixText.MaxFixedLength];
        int length = FixText.WriteFixed(text, number.Value, number.Decimals);
        Assert.True(FixText.TryFixed(text.AsSpan(0, length), number.Decimals, out long value), Encoding.UTF8.GetString(text, 0, length));
        Assert.Equal(number.Value, value);
    }

    [Property(2_000, 200_000, Arbitrary = [typeof(Numbers)])]
    public void TryFixed_and_TryNumber_read_exactly_what_the_digits_say(FixedText number)
    {
        long? expected = Fixed(number.Text, number.Decimals);
        byte[] bytes = Encoding.ASCII.GetBytes(number.Text);
        Assert.Equal(expected is not null, FixText.TryFixed(bytes, number.Decimals, out long value));
        Assert.Equal(expected ?? 0, value);
        bool isWhole = long.TryParse(number.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole)
            && !number.Text.Contains('\0', StringComparison.Ordinal);
        Assert.Equal(isWhole, FixText.TryNumber(bytes, out value));
        Assert.Equal(isWhole ? whole : 0, value);
    }

    [Fact]
    public void TryTime_reads_or_refuses_a_time_with_any_byte_changed()
    {
        const string Text = "20260707-12:30:45.123456789012";
        for (int length = 0; length <= Text.Length; length++)
        {
            for (int place = 0; place < length; place++)
            {
                for (int value = 0; value < 256; value++)
                {
                    byte[] bytes = Encoding.ASCII.GetBytes(Text[..length]);
                    bytes[place] = (byte)value;
                    long? expected = Time(Encoding.Latin1.GetString(bytes));
                    Assert.Equal(expected is not null, FixText.TryTime(bytes, out long nanos));
                    Assert.Equal(expected ?? 0, nanos);
                }
            }
        }
    }

    [Theory]
    [InlineData("20260707-12:30:00")]
    [InlineData("20260707-12:30:00.1")]
    [InlineData("20240229-23:59:59.999999999")]
    [InlineData("19700101-00:00:00.000")]
    [InlineData("22611231-23:59:59.999999999")]
    public void TryTime_reads_nanoseconds(string text)
    {
        Assert.True(FixText.TryTime(Encoding.UTF8.GetBytes(text), out long nanos));
        string[] parts = text.Split('.');
        DateTime second = DateTime.ParseExact(
            parts[0], "yyyyMMdd-HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        long fraction = parts.Length == 1 ? 0 : long.Parse(parts[1].PadRight(9, '0'), CultureInfo.InvariantCulture);
        Assert.Equal(((second.Ticks - DateTime.UnixEpoch.Ticks) * 100) + fraction, nanos);
    }

    [Fact]
    public void TryTime_reads_a_leap_second_as_the_next_second_and_truncates_picoseconds()
    {
        Assert.True(FixText.TryTime("20161231-23:59:60"u8, out long leap));
        Assert.True(FixText.TryTime("20170101-00:00:00"u8, out long next));
        Assert.Equal(next, leap);
        Assert.True(FixText.TryTime("20170101-00:00:00.000000000999"u8, out long cut));
        Assert.Equal(next, cut);
    }

    [Theory]
    [InlineData("")]
    [InlineData("20260707")]
    [InlineData("20260707-12:30")]
    [InlineData("20260707 12:30:00")]
    [InlineData("20260707-12:30:00.")]
    [InlineData("20260707-12:30:00,1")]
    [InlineData("20260707-12:30:00.1234567890123")]
    [InlineData("20260707-12:30:00Z")]
    [InlineData("20260707-24:00:00")]
    [InlineData("20260707-12:60:00")]
    [InlineData("20260707-12:30:61")]
    [InlineData("20261307-12:30:00")]
    [InlineData("20260230-12:30:00")]
    [InlineData("20250229-12:30:00")]
    [InlineData("20260700-12:30:00")]
    [InlineData("19691231-12:30:00")]
    [InlineData("22620101-00:00:00")]
    [InlineData("2026O707-12:30:00")]
    public void TryTime_refuses_text_that_is_not_a_time(string text)
    {
        Assert.False(FixText.TryTime(Encoding.UTF8.GetBytes(text), out long nanos));
        Assert.Equal(0, nanos);
    }

    [Fact]
    public void WriteTime_writes_milliseconds()
    {
        Assert.True(FixText.TryTime("20260707-01:02:03.004567"u8, out long nanos));
        byte[] text = new byte[FixText.TimeLength];

        FixText.WriteTime(text, nanos);

        Assert.Equal("20260707-01:02:03.004", Encoding.UTF8.GetString(text));
    }

    // Uses BigInteger; null if the text is not a number or the result would not be exact.
    private static long? Fixed(string text, int decimals)
    {
        Match match = Regex.Match(text, @"^(-?)(\d*)(?:\.(\d*))?\z", RegexOptions.ECMAScript);
        string fraction = match.Groups[3].Value.TrimEnd('0');
        string whole = match.Groups[2].Value;
        if (!match.Success || whole.Length + match.Groups[3].Length == 0 || fraction.Length > decimals)
        {
            return null;
        }

        BigInteger value = BigInteger.Parse("0" + whole + fraction.PadRight(decimals, '0'), CultureInfo.InvariantCulture);
        return value > long.MaxValue ? null : (long)value * (match.Groups[1].Length == 0 ? 1 : -1);
    }

    [Fact]
    public void ShortTag_matches_TryTag()
    {
        byte[] all = "0123456789=/:\u0001 "u8.ToArray();
        byte[] field = new byte[16];
        for (int number = 0; number < all.Length * all.Length * all.Length * all.Length; number++)
        {
            for (int place = 0, rest = number; place < sizeof(uint); place++, rest /= all.Length)
            {
                field[place] = all[rest % all.Length];
            }

            bool isTag = FixText.TryTag(field, 0, out int expected, out int expectedLength) && expectedLength <= sizeof(uint)
                && expected > 0 && field[0] != '0';
            int tag = FixText.ShortTag(BitConverter.ToUInt32(field), out int length);
            Assert.Equal(isTag ? expected : 0, tag);
            Assert.True(!isTag || length == expectedLength);
        }
    }

    private static long? Time(string text)
    {
        Match match = Regex.Match(text, @"^(\d{8}-\d\d:\d\d:)(\d\d)(?:\.(\d{1,12}))?\z", RegexOptions.ECMAScript);
        bool isTime = DateTime.TryParseExact(
            match.Groups[1].Value + "00", "yyyyMMdd-HH:mm:ss", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime minute);
        if (!isTime || minute.Year is < 1970 or > 2261
            || int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) is not (<= 60 and int second))
        {
            return null;
        }

        long fraction = long.Parse(match.Groups[3].Value.PadRight(9, '0')[..9], CultureInfo.InvariantCulture);
        return ((minute.Ticks - DateTime.UnixEpoch.Ticks) * 100) + (second * 1_000_000_000L) + fraction;
    }

    /// <summary>A number in units of its last decimal.</summary>
    public readonly record struct FixedNumber(long Value, int Decimals);

    /// <summary>Text that may be a number, and the decimals it may have.</summary>
    public sealed record FixedText(string Text, int Decimals);

    /// <summary>Numbers, and text that mostly looks like a number.</summary>
    public static class Numbers
    {
        /// <summary>Numbers of up to 61 bits.</summary>
        public static Arbitrary<FixedNumber> Values() =>
            (from high in Gen.Choose(-1_000_000_000, 1_000_000_000)
             from low in Gen.Choose(0, 1_000_000_000)
             from decimals in Gen.Choose(0, FixText.MaxDecimals)
             select new FixedNumber(((long)high << 31) + low, decimals)).ToArbitrary();

        /// <summary>Up to twelve characters: mostly digits with a point, otherwise digits, points, minus signs, x, NUL and spaces in any
        /// order.</summary>
        public static Arbitrary<FixedText> Texts() =>
            (from text in Gen.Elements("0123456789.-x\0 ".ToCharArray()).ArrayOf(12)
             from digits in Gen.Elements("0123456789".ToCharArray()).ArrayOf(12)
             from point in Gen.Choose(-4, 12)
             from length in Gen.Choose(0, 12)
             from isAny in Gen.Choose(0, 3)
             from decimals in Gen.Choose(0, FixText.MaxDecimals)
             let number = isAny == 0 ? new string(text) : point < 0 ? new string(digits) : new string(digits).Insert(point, ".")
             select new FixedText(number[..length], decimals)).ToArbitrary();
    }
}
