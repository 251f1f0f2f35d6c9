using System.Text;
using Estream.Testing;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Codec;

/// <summary>One message at the start of a buffer: when it is complete, and at which byte it is found to be garbled.</summary>
public class FixFrameTests
{
    // FixGarbled is internal, so the test data has the reasons as names.
    [Theory]
    [InlineData("35=0|8=FIX.4.4|9=5|", "BeginString")]
    [InlineData("x", "BeginString")]
    [InlineData("8=FUX", "BeginString")]
    [InlineData("8=FIX.4.4.4.4.4", "BeginString")]
    [InlineData("8=FIX.4.4|35=0|", "BodyLength")]
    [InlineData("8=FIX.4.4|9=|", "BodyLength")]
    [InlineData("8=FIX.4.4|9=-5|", "BodyLength")]
    [InlineData("8=FIX.4.4|9=5x", "BodyLength")]
    [InlineData("8=FIX.4.4|9=4|", "BodyLength")]
    [InlineData("8=FIX.4.4|9=00000005|", "BodyLength")]
    [InlineData("8=FIX.4.4|9=65600|", "TooLong")]
    [InlineData("8=FIX.4.4|9=9999999|", "TooLong")]
    [InlineData("8=FIX.4.4|9=10|34=2|", "MsgType")]
    [InlineData("8=FIX.4.4|9=10|36", "MsgType")]
    [InlineData("8=FIX.4.4|9=5|35=0x", "Trailer")]
    [InlineData("8=FIX.4.4|9=5|35=0|9", "Trailer")]
    [InlineData("8=FIX.4.4|9=5|35=0|10=0|", "Trailer")]
    [InlineData("8=FIX.4.4|9=5|35=0|10=1234", "Trailer")]
    [InlineData("8=FIX.4.4|9=5|35=0|10=000|", "CheckSum")]
    [InlineData("8=FIX.4.4|9=5|35=0|10=999|", "CheckSum")]
    public void TryRead_reports_garbled_bytes_with_the_reason(string text, string why)
    {
        byte[] bytes = Frames.Bytes(text);

        Assert.Equal(FixFrameStatus.Garbled, FixFrame.TryRead(bytes, Frames.MaxMessageBytes, out int length, out FixGarbled reason));
        Assert.Equal(why, reason.ToString());
        Assert.Equal(why == "CheckSum" ? bytes.Length : 1, length);
    }

    [Theory]
    [InlineData("8=FIX.4.4.4.4.")]
    [InlineData("8=FIX.4.4|9=5")]
    [InlineData("8=FIX.4.4|9=65511|")]
    [InlineData("8=FIX.4.4|9=5|35=0|10=12")]
    public void TryRead_is_incomplete_for_a_valid_prefix(string text)
    {
        byte[] bytes = Frames.Bytes(text);

        Assert.Equal(FixFrameStatus.Incomplete, FixFrame.TryRead(bytes, Frames.MaxMessageBytes, out int length, out FixGarbled why));
        Assert.Equal(0, length);
        Assert.Equal(FixGarbled.None, why);
    }

    [Fact]
    public void TryRead_is_complete_only_with_the_last_byte()
    {
        byte[] message = Frames.Message("35=0|34=2|49=A|56=B|");
        for (int length = 0; length < message.Length; length++)
        {
            FixFrameStatus status = FixFrame.TryRead(message.AsSpan(0, length), Frames.MaxMessageBytes, out _, out FixGarbled why);
            Assert.True(status == FixFrameStatus.Incomplete, $"{length} bytes: {status} {why}");
        }

        byte[] more = [.. message, .. "8=FIX"u8];
        Assert.Equal(FixFrameStatus.Complete, FixFrame.TryRead(more, Frames.MaxMessageBytes, out int whole, out _));
        Assert.Equal(message.Length, whole);
    }

    [Fact]
    public void Message_longer_than_the_limit_is_garbled()
    {
        byte[] message = Frames.Message("35=0|58=" + new string('x', 100) + "|");

        Assert.Equal(FixFrameStatus.Complete, FixFrame.TryRead(message, message.Length, out _, out _));
        Assert.Equal(FixFrameStatus.Garbled, FixFrame.TryRead(message, message.Length - 1, out _, out FixGarbled why));
        Assert.Equal(FixGarbled.TooLong, why);
    }

    [Fact]
    public void Changed_byte_is_detected()
    {
        byte[] message = Frames.Message("35=D|34=2|49=A|56=B|11=7|");
        for (int place = 0; place < message.Length; place++)
        {
            byte[] changed = [.. message];
            changed[place] ^= 0x04;

            FixFrameStatus status = FixFrame.TryRead(changed, Frames.MaxMessageBytes, out _, out _);

            Assert.True(status != FixFrameStatus.Complete, $"byte {place}: {Frames.Text(changed)}");
        }
    }

    /// <summary>The check by words gives the same result as the check by fields, also for damaged messages.</summary>
    [Fact]
    public void TryRead_finds_the_same_by_words_and_by_fields()
    {
        Random random = new(31);
        byte[][] messages =
        [
            Frames.Message("35=0|34=2|49=A|56=B|"), Frames.Message("FIXT.1.1", "35=D|34=2|49=A|56=B|11=7|" + new string('x', 90) + "|"),
            Frames.Message("FIX.4.2", "35=A|"), Frames.Message("35=8|34=2|49=A|58=" + new string('y', 1_200) + "|"),
        ];
        int complete = 0;
        int rounds = LongRun.Count(200_000, 20_000_000);
        for (int round = 0; round < rounds; round++)
        {
            byte[] message = [.. messages[random.Next(messages.Length)], .. random.Next(2) == 0 ? "8=FIX.4.4"u8 : []];
            for (int change = random.Next(3); change > 0; change--)
            {
                Change(message, random);
            }

            ReadOnlySpan<byte> data = message.AsSpan(0, random.Next(4) == 0 ? random.Next(message.Length + 1) : message.Length);
            int limit = random.Next(3) == 0 ? random.Next(200) : Frames.MaxMessageBytes;
            FixFrameStatus expected = FixFrame.TryReadByFields(data, limit, out int expectedLength, out FixGarbled expectedWhy);
            FixFrameStatus status = FixFrame.TryRead(data, limit, out int length, out FixGarbled why);
            Assert.True((expected, expectedLength, expectedWhy) == (status, length, why),
                $"{expected}, {expectedLength}, {expectedWhy} by fields; {status}, {length}, {why} by words: {Frames.Text(data)}");
            complete += status == FixFrameStatus.Complete ? 1 : 0;
        }

        Assert.True(complete > 0);
    }

    [Fact]
    public void Sum_adds_all_bytes_for_every_length()
    {
        byte[] bytes = [.. Enumerable.Range(0, 300).Select(number => (byte)(number * 37))];
        for (int length = 0; length <= bytes.Length; length++)
        {
            Assert.Equal(Frames.Sum(bytes.AsSpan(0, length)), FixFrame.Sum(bytes.AsSpan(0, length)));
        }
    }

    [Fact]
    public void BodyLength_and_CheckSum_match_other_engines()
    {
        byte[] logon = Encoding.ASCII.GetBytes(
            "8=FIX.4.2\u00019=61\u000135=A\u000134=1\u000149=ISLD\u000152=20260707-00:00:00.000\u0001"
            + "56=TW\u000198=0\u0001108=30\u000110=000\u0001");
        byte sum = (byte)Frames.Sum(logon.AsSpan(0, logon.Length - 7));
        Encoding.ASCII.GetBytes($"{sum:000}").CopyTo(logon, logon.Length - 4);

        Assert.Equal(FixFrameStatus.Complete, FixFrame.TryRead(logon, Frames.MaxMessageBytes, out int length, out _));
        Assert.Equal(logon.Length, length);
    }

    // Changes bytes of the header and trailer more often than bytes of the body, mostly to bytes that occur in such fields.
    private static void Change(byte[] message, Random random)
    {
        int place = random.Next(3) switch
        {
            0 => random.Next(Math.Min(20, message.Length)),
            1 => message.Length - 1 - random.Next(Math.Min(20, message.Length)),
            _ => random.Next(message.Length),
        };
        ReadOnlySpan<byte> likely = "0123456789=\u0001FIX."u8;
        message[place] = random.Next(4) == 0 ? (byte)random.Next(256) : likely[random.Next(likely.Length)];
    }
}
