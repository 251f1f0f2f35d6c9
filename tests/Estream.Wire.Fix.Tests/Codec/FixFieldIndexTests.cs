using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Codec;

public class FixFieldIndexTests
{
    [Theory]
    [InlineData("x=1")]
    [InlineData("=1")]
    [InlineData("4garbled9=TW")]
    [InlineData("011=7")]
    [InlineData("00=7")]
    [InlineData("-=7")]
    [InlineData("+11=7")]
    [InlineData("1 1=7")]
    [InlineData("1234567890=7")]
    [InlineData("11")]
    [InlineData("")]
    public void Invalid_tag_is_a_fault_and_the_other_fields_are_read(string field)
    {
        byte[] message = Frames.Message($"35=0|34=2|{field}|112=A|");

        FixFieldIndex index = Frames.Index(message);

        Assert.Equal(FixRejectReason.InvalidTag, index.Fault.Reason);
        Assert.True(index.Fault.IsFault);
        Assert.Equal(FixFault.NoTag, index.Fault.RefTag);
        Assert.Equal("2", Value(message, index, Tag.MsgSeqNum));
        Assert.Equal("A", Value(message, index, Tag.TestReqId));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(999_999_999)]
    public void Unusual_tag_number_is_read_so_that_a_reject_can_name_it(int tag)
    {
        byte[] message = Frames.Message($"35=0|34=2|{tag}=HI|");

        FixFieldIndex index = Frames.Index(message);

        Assert.False(index.Fault.IsFault);
        Assert.Equal("HI", Value(message, index, tag));
    }

    [Fact]
    public void Fields_keep_their_order_and_Find_returns_the_first_of_two()
    {
        byte[] message = Frames.Message("35=D|34=2|11=a|11=b|58=|");

        FixFieldIndex index = Frames.Index(message);

        int[] expected = [8, 9, 35, 34, 11, 11, 58, 10];
        Assert.Equal(expected, index.Tags.ToArray());
        Assert.Equal("a", Value(message, index, 11));
        Assert.Equal("", Value(message, index, 58));
        Assert.Equal(-1, index.Find(60));
    }

    [Fact]
    public void Raw_data_is_read_by_its_length_field()
    {
        byte[] message = Frames.Message("35=B|34=2|95=9|96=a|b=c|10=|58=x|");

        FixFieldIndex index = Frames.Index(message);

        Assert.False(index.Fault.IsFault, index.Fault.ToString());
        Assert.Equal("a|b=c|10=", Value(message, index, 96));
        Assert.Equal("x", Value(message, index, 58));
        Assert.True(index.IsRawDataAt(index.Find(96)));
        Assert.False(index.IsRawDataAt(index.Find(58)));
    }

    [Fact]
    public void Raw_data_without_a_length_field_ends_at_the_next_SOH()
    {
        byte[] message = Frames.Message("35=B|34=2|96=abc|58=x|");

        FixFieldIndex index = Frames.Index(message);

        Assert.False(index.Fault.IsFault);
        Assert.Equal("abc", Value(message, index, 96));
    }

    [Theory]
    [InlineData("2")]
    [InlineData("4")]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("")]
    [InlineData("99999999999")]
    public void Wrong_raw_data_length_is_a_fault_of_the_length_field(string length)
    {
        byte[] message = Frames.Message($"35=B|34=2|95={length}|96=abc|58=x|");

        FixFieldIndex index = Frames.Index(message);

        Assert.Equal(FixRejectReason.IncorrectFormat, index.Fault.Reason);
        Assert.Equal(95, index.Fault.RefTag);
        Assert.Equal("x", Value(message, index, 58));
    }

    [Fact]
    public void Raw_data_that_covers_the_CheckSum_is_a_fault()
    {
        // The ten bytes of raw data are abc, SOH and the six bytes 10=ccc of the CheckSum field.
        byte[] message = Frames.Message("35=B|34=2|95=10|96=abc|");

        FixFieldIndex index = Frames.Index(message);

        Assert.Equal(FixRejectReason.RequiredTagMissing, index.Fault.Reason);
        Assert.Equal(Tag.CheckSum, index.Fault.RefTag);
    }

    [Fact]
    public void Message_with_more_fields_than_the_limit_is_a_fault()
    {
        byte[] message = Frames.Message("35=B|34=2|" + string.Concat(Enumerable.Repeat("58=x|", 200)));

        Assert.Equal(FixRejectReason.Other, Frames.Index(message, maxFields: 204).Fault.Reason);
        Assert.False(Frames.Index(message, maxFields: 205).Fault.IsFault);
    }

    [Fact]
    public void Parse_discards_the_previous_message()
    {
        FixFieldIndex index = Frames.Index(Frames.Message("35=0|x=1|112=A|"));
        byte[] message = Frames.Message("35=0|34=2|");

        index.Parse(message);

        Assert.False(index.Fault.IsFault);
        Assert.Equal(-1, index.Find(112));
        Assert.Equal(5, index.Count);
    }

    [Fact]
    public void Reused_index_reads_a_message_like_a_new_one()
    {
        // The messages are similar, so that the tags of the previous message are often right and often wrong guesses.
        Random random = new(20261123);
        string[] fields = ["34=2", "35=D", "3=x", "350=x", "35", "=", "11=a", "111=b", "1111=c", "11111=d", "95=3", "96=a|b", "96=abc",
            "58=", "0=1", "-1=1", "x=1", ""];
        FixFieldIndex reused = Frames.Index(Frames.Message("35=0|34=2|"), maxFields: 300);
        List<string> last = [];
        for (int message = 0; message < 20_000; message++)
        {
            List<string> next = [.. last];
            int changes = random.Next(3);
            for (int change = 0; change < changes; change++)
            {
                int place = random.Next(next.Count + 1);
                if (random.Next(2) == 0 && place < next.Count)
                {
                    next.RemoveAt(place);
                }
                else
                {
                    next.Insert(place, fields[random.Next(fields.Length)]);
                }
            }

            last = next.Count > 100 ? [] : next;
            byte[] whole = Frames.Message("35=D|34=2|" + string.Concat(last.Select(field => field + "|")));
            AssertReadsLikeNew(reused, random.Next(4) == 0 ? whole[..^FixFrame.TrailerLength] : whole, maxFields: 300);
        }
    }

    /// <summary>The index compares fields with known tags sixteen at a time, in chunks of 256 bytes. The messages contain runs of such
    /// fields of any length, fields that cross a chunk boundary, and more than 64 fields in a chunk.</summary>
    [Theory]
    [InlineData(16)]
    [InlineData(20)]
    [InlineData(64)]
    [InlineData(70)]
    [InlineData(300)]
    public void Reused_index_reads_a_message_with_one_changed_field_like_a_new_one(int maxFields)
    {
        Random random = new(maxFields);
        string[] others = ["7=x", "77=", "777=x", "=", "x=1", "\0\0\0\0", "", "95=3|96=a|b"];
        for (int message = 0; message < 25; message++)
        {
            int mostDigits = random.Next(1, 4);
            int longest = random.Next(3) == 0 ? 0 : random.Next(13);
            string[] fields = [.. Enumerable.Range(0, random.Next(1, 131)).Select(_ =>
                $"{random.Next(1, 10) * Math.Pow(10, random.Next(mostDigits))}={new string('v', random.Next(longest + 1))}")];
            FixFieldIndex reused = Frames.Index(Whole(fields), maxFields);
            AssertReadsLikeNew(reused, Whole(fields), maxFields);
            for (int place = 0; place < Math.Min(fields.Length, 80); place++)
            {
                string before = fields[place];
                fields[place] = others[random.Next(others.Length)];
                AssertReadsLikeNew(reused, Whole(fields), maxFields);
                fields[place] = before;
                AssertReadsLikeNew(reused, Whole(fields), maxFields);
            }
        }
    }

    private static byte[] Whole(string[] fields)
    {
        return Frames.Message("35=D|34=2|" + string.Concat(fields.Select(field => field + "|")));
    }

    private static void AssertReadsLikeNew(FixFieldIndex reused, byte[] message, int maxFields)
    {
        FixFieldIndex fresh = Frames.Index(message, maxFields);
        int[] before = reused.Tags.ToArray();
        long shape = reused.Shape;

        reused.Parse(message);

        Assert.Equal(fresh.Tags.ToArray(), reused.Tags.ToArray());
        Assert.Equal(Values(fresh), Values(reused));
        Assert.Equal(fresh.Fault.ToString(), reused.Fault.ToString());
        Assert.Equal(before.SequenceEqual(reused.Tags.ToArray()), shape == reused.Shape);
    }

    private static (int Start, int Length)[] Values(FixFieldIndex index)
    {
        return [.. Enumerable.Range(0, index.Count).Select(field => (index.StartOf(field), index.LengthOf(field)))];
    }

    private static string Value(byte[] message, FixFieldIndex index, int tag)
    {
        int field = index.Find(tag);
        return Frames.Text(message.AsSpan(index.StartOf(field), index.LengthOf(field)));
    }
}
