using System.Text;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Translation;

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
    public void A_time_is_written_as_it_was_read(string text)
    {
        Assert.True(ExactTime.TryRead(Encoding.UTF8.GetBytes(text), new DayMemory(), out long nanos));
        byte[] written = new byte[ExactTime.MaxLength];

        int length = ExactTime.Write(written, nanos);

        Assert.Equal(text, Encoding.UTF8.GetString(written, 0, length));
    }

    [Fact]
    public void Nothing_is_cut_off()
    {
        Assert.False(ExactTime.TryRead("20260707-12:30:00.1234567891"u8, new DayMemory(), out _));
        Assert.True(ExactTime.TryRead("20260707-12:30:00.123456789000"u8, new DayMemory(), out _));
        Assert.False(ExactTime.TryReadTimeOfDay("12:30:00.1234567891"u8, out _));
        Assert.True(ExactTime.TryReadTimeOfDay("12:30:00.123456789000"u8, out _));
        Assert.Equal(0, ExactTime.Write(new byte[ExactTime.MaxLength], -1));
        Assert.Equal(0, ExactTime.Write(new byte[ExactTime.MaxLength], long.MaxValue));
    }
}
