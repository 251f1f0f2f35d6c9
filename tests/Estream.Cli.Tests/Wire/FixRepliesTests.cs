using System.Globalization;
using System.Text;
using Estream.Wire.Tools.Recording;

namespace Estream.Cli.Tests.Wire;

/// <summary>Tests which FIX messages count as equal and how differences are reported. In the messages, | stands for SOH.</summary>
public sealed class FixRepliesTests
{
    private const string Report = "35=8|34=2|49=VENUE|52=20260101-00:00:00.000|56=DESK|11=a|31=100|58=text|";

    [Theory]
    [InlineData("35=8|34=2|49=VENUE|52=20260101-00:00:00.001|56=DESK|11=a|31=100|58=text|")]
    [InlineData("35=8|34=2|49=VENUE|52=20260101-00:00:00|56=DESK|11=a|31=100|58=text|")]
    [InlineData("35=8|34=2|49=VENUE|52=20260101-00:00:00|56=DESK|122=20260101-00:00:00|11=a|31=100|58=text|")]
    public void The_sending_time_is_ignored(string came)
    {
        Assert.Null(Difference(Message(Report), Message(came)));
    }

    [Theory]
    [InlineData("35=8|34=3|49=VENUE|52=0|56=DESK|11=a|31=100|58=text|", "(35=8): received 34=3, expected 34=2")]
    [InlineData("35=8|34=2|49=VENUE|52=0|56=DESK|11=a|31=100.0|58=text|", "(35=8): received 31=100.0, expected 31=100")]
    [InlineData("35=3|34=2|49=VENUE|52=0|56=DESK|11=a|31=100|58=text|", "(35=3): received 35=3, expected 35=8")]
    [InlineData("35=8|34=2|49=VENUE|52=0|56=DESK|11=a|31=100|", "(35=8): received no field, expected 58=text")]
    [InlineData("35=8|34=2|49=VENUE|52=0|56=DESK|11=a|31=100|58=text|1=me|", "(35=8): received 1=me, expected no field")]
    [InlineData("35=8|34=2|49=VENUE|52=0|56=DESK|31=100|11=a|58=text|", "(35=8): received 31=100, expected 11=a")]
    [InlineData("35=8|34=2|49=VENUE|52=0|56=DESK|11=a|31=100|58=t\next|", "(35=8): received 58=t?ext, expected 58=text")]
    [InlineData("35=8|34=2|49=VENUE|52=0|56=DESK|11=a|31=100|554=secret|", "(35=8): received 554=***, expected 58=text")]
    public void A_difference_outside_the_sending_time_is_reported(string came, string difference)
    {
        Assert.Equal($"reply message 1 {difference}", Difference(Message(Report), Message(came)));
    }

    [Fact]
    public void The_split_of_the_bytes_and_the_order_of_the_sides_are_ignored()
    {
        string recorded = Message(Report) + Message(Report) + Message(Report);
        string came = Message(Report) + Message(Report) + Message(Report.Replace("31=100", "31=99", StringComparison.Ordinal));
        foreach (int piece in (int[])[1, 2, 7, 50, 1_000])
        {
            FixReplies replies = new(compares: true);
            Assert.All(Bytes(came).Chunk(piece), chunk => replies.Take(chunk));
            Assert.Equal((0, 3, "messages", null), (replies.Expected, replies.Received, replies.Unit, replies.Difference));
            Assert.All(Bytes(recorded).Chunk(piece), chunk => replies.Expect(chunk));
            Assert.Equal((3, 3), (replies.Expected, replies.Received));
            Assert.Equal("reply message 3 (35=8): received 31=99, expected 31=100", replies.Difference);
        }
    }

    [Fact]
    public void Without_comparison_messages_are_only_counted()
    {
        FixReplies replies = new(compares: false);
        replies.Expect(Bytes(Message(Report)));
        replies.Take(Bytes(Message(Report.Replace("31=100", "31=99", StringComparison.Ordinal))));

        Assert.Equal((1, 1, null), (replies.Expected, replies.Received, replies.Difference));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK")]
    [InlineData("8=FIX.4.4|35=8|")]
    [InlineData("8=FIX.4.4|9=-1|")]
    [InlineData("8=FIX.4.4|9=99999999|")]
    [InlineData("8=FIX.4.4|9=5|35=0|11=000|")]
    [InlineData("8=a name of a version that no version has")]
    public void Bytes_that_are_not_FIX_are_reported_for_their_side(string text)
    {
        FixReplies came = new(compares: true);
        came.Expect(Bytes(Message(Report) + Message(Report)));
        came.Take(Bytes(Message(Report) + text.Replace('|', '\u0001')));
        Assert.Equal("the bytes received after message 1 are not FIX", came.Difference);

        FixReplies recorded = new(compares: true);
        recorded.Expect(Bytes(text.Replace('|', '\u0001')));
        Assert.Equal("the bytes after message 0 of the recording are not FIX: replay it without --protocol fix", recorded.Difference);
    }

    private static string? Difference(string recorded, string came)
    {
        FixReplies replies = new(compares: true);
        replies.Expect(Bytes(recorded));
        replies.Take(Bytes(came));
        return replies.Difference;
    }

    private static string Message(string fields)
    {
        string start = string.Create(CultureInfo.InvariantCulture, $"8=FIX.4.4|9={fields.Length}|{fields}").Replace('|', '\u0001');
        return string.Create(CultureInfo.InvariantCulture, $"{start}10={Bytes(start).Sum(value => value) % 256:000}\u0001");
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
