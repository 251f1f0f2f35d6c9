using System.Text;
using Estream.Testing;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Translation;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Wire.Fix.Tests.Translation;

public class ExactTimeTests
{
    [Theory]
    [InlineData("20260707-12:30:00.000")]
    [InlineData("20260707-12:30:00.120")]
    [InlineData("20260707-12:30:00.123456")]
    [InlineData("20260707-12:30:00.123456789")]
    [InlineData("19700101-00:00:00.000")]
    [InlineData("22611231-23:59:59.999999999")]
    public void Time_is_written_with_its_original_precision(string text)
    {
        Assert.True(ExactTime.TryRead(Encoding.UTF8.GetBytes(text), new DateCache(), out long nanos));
        byte[] written = new byte[ExactTime.MaxLength];

        int length = ExactTime.Write(written, nanos);

        Assert.Equal(text, Encoding.UTF8.GetString(written, 0, length));
    }

    [Fact]
    public void Date_of_zero_bytes_is_refused()
    {
        Assert.False(ExactTime.TryRead("\0\0\0\0\0\0\0\0-12:30:00.000"u8, new DateCache(), out _));
    }

    [Property(2_000, 200_000, Arbitrary = [typeof(Times)])]
    public void TryTime_reads_a_time_the_same_whatever_it_read_before(string[] texts)
    {
        DateCache memory = new();
        foreach (byte[] text in texts.Select(Encoding.UTF8.GetBytes))
        {
            bool expected = FixText.TryTime(text, out long nanos);
            Assert.Equal((expected, nanos), (FixText.TryTime(text, memory, out long read), read));
        }
    }

    [Fact]
    public void Time_that_would_be_truncated_is_refused()
    {
        Assert.False(ExactTime.TryRead("20260707-12:30:00.1234567891"u8, new DateCache(), out _));
        Assert.True(ExactTime.TryRead("20260707-12:30:00.123456789000"u8, new DateCache(), out _));
        Assert.False(ExactTime.TryReadTimeOfDay("12:30:00.1234567891"u8, out _));
        Assert.True(ExactTime.TryReadTimeOfDay("12:30:00.123456789000"u8, out _));
        Assert.Equal(0, ExactTime.Write(new byte[ExactTime.MaxLength], -1));
        Assert.Equal(0, ExactTime.Write(new byte[ExactTime.MaxLength], long.MaxValue));
    }

    /// <summary>Times of few days, so that days repeat, and text that resembles a time.</summary>
    public static class Times
    {
        /// <summary>A sequence of times.</summary>
        public static Arbitrary<string[]> Sequences()
        {
            Gen<string> days = Gen.Elements(
                "20260707", "20260708", "19700101", "20260230", "\0\0\0\0\0\0\0\0", "2026070x", "+2026070", "22620101");
            Gen<string> times = Gen.Elements("-12:30:00", "-23:59:60.123456789", "-24:00:00", " 12:30:00", "");
            return days.SelectMany(day => times.Select(time => day + time)).ArrayOf().ToArbitrary();
        }
    }
}
