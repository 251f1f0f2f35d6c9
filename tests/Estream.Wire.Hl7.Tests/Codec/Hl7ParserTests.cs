using System.Text;
using Estream.Testing;
using Estream.Wire.Hl7.Codec;
using FsCheck;

namespace Estream.Wire.Hl7.Tests.Codec;

/// <summary>The parser finds segments, fields, repetitions, components and sub-components, and refuses what is not HL7 v2.</summary>
public sealed class Hl7ParserTests
{
    private const string Header = @"MSH|^~\&|APP|FAC|||20260101||ADT^A01^ADT_A01|42|P|2.5.1";

    public static TheoryData<string> SampleNames => Samples.Names;

    [Theory]
    [MemberData(nameof(SampleNames))]
    public void Parser_agrees_with_a_split_of_every_sample(string name)
    {
        byte[] bytes = Samples.Read(name);
        string[] lines = Encoding.UTF8.GetString(bytes).Split('\r', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Hl7Status.Ok, new Hl7Parser().Parse(bytes, out Hl7Message message));
        Assert.Equal(lines.Length, message.SegmentCount);
        for (int i = 0; i < lines.Length; i++)
        {
            string[] fields = lines[i].Split('|');
            int shift = i == 0 ? 1 : 0;
            Assert.Equal(lines[i][..3], Encoding.UTF8.GetString(message[i].Name));
            Assert.Equal(lines[i], Encoding.UTF8.GetString(message[i].Bytes));
            Assert.Equal(fields.Length - 1 + shift, message[i].FieldCount);
            for (int field = 1; field < fields.Length; field++)
            {
                Hl7Field found = message[i][field + shift];
                Assert.Equal(fields[field], Encoding.UTF8.GetString(found.Bytes));
                if (i > 0)
                {
                    AssertParts(fields[field], found);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(SampleNames))]
    public void Parser_reads_a_sample_from_disk_like_its_transmitted_form(string name)
    {
        Assert.Equal(Hl7Status.Ok, new Hl7Parser().Parse(Samples.Read(name), out Hl7Message sent));
        Assert.Equal(Hl7Status.Ok, new Hl7Parser().Parse(Samples.ReadFile(name), out Hl7Message stored));
        Assert.Equal(sent.SegmentCount, stored.SegmentCount);
        for (int i = 0; i < sent.SegmentCount; i++)
        {
            Assert.True(sent[i].Bytes.SequenceEqual(stored[i].Bytes));
        }
    }

    /// <summary>The parser reads blocks of 64 bytes, and the last block begins early.</summary>
    [Fact]
    public void Fields_are_found_wherever_a_block_begins_or_the_message_ends()
    {
        Hl7Parser parser = new();
        for (int padding = 0; padding < 3 * 64; padding++)
        {
            string fill = new('f', padding);
            string[] lines = [$@"MSH|^~\&|{fill}|B", "PID|1\n2||" + fill, "ZZZ", "OBX|||x"];
            for (int end = 0; end < 2; end++)
            {
                byte[] bytes = Encoding.ASCII.GetBytes(string.Join(padding % 2 == 0 ? "\r" : "\r\n", lines) + (end == 0 ? "" : "\r"));
                Assert.Equal(Hl7Status.Ok, parser.Parse(bytes, out Hl7Message message));
                Assert.Equal(lines.Length, message.SegmentCount);
                for (int i = 0; i < lines.Length; i++)
                {
                    string[] fields = lines[i].Split('|');
                    int shift = i == 0 ? 1 : 0;
                    Assert.Equal(lines[i][..3], Text(message.NameOf(i)));
                    Assert.Equal(fields.Length - 1, message[i].FieldCount - shift);
                    for (int field = 1; field < fields.Length; field++)
                    {
                        Assert.Equal(fields[field], Text(message[i][field + shift].Bytes));
                    }
                }
            }
        }
    }

    [Fact]
    public void Fields_of_MSH_have_the_numbers_of_the_standard()
    {
        Hl7Segment header = Parse(Header).Header;
        Assert.Equal("|", Text(header[1].Bytes));
        Assert.Equal(@"^~\&", Text(header[2].Bytes));
        Assert.Equal("APP", Text(header[3].Bytes));
        Assert.Equal("A01", Text(header[9].Component(2)));
        Assert.Equal("2.5.1", Text(header[12].Bytes));
        Assert.Equal(12, header.FieldCount);
        Assert.True(header[13].IsEmpty);
    }

    [Fact]
    public void Message_may_use_other_delimiters()
    {
        Hl7Message message = Parse("MSH$:*%@$APP$$$$$$ADT:A01$1$P$2.3\rPID$1$$a:b@c:d*e");
        Hl7Field field = message.First("PID"u8)[3];
        Assert.Equal("b@c", Text(field.Component(2)));
        Assert.Equal("c", Text(field.SubComponent(2, 2)));
        List<string> repetitions = [];
        foreach (Hl7Field repetition in field.Repetitions)
        {
            repetitions.Add(Text(repetition.Bytes));
        }

        Assert.Equal(["a:b@c:d", "e"], repetitions);
    }

    [Fact]
    public void Unknown_and_local_segments_are_kept()
    {
        Hl7Message message = Parse(Header + "\rZPI|1|local\rQQ1|x\rNTE");
        Assert.Equal("local", Text(message.First("ZPI"u8)[2].Bytes));
        Assert.Equal("x", Text(message.First("QQ1"u8)[1].Bytes));
        Assert.Equal(4, message.SegmentCount);
        Assert.Equal(0, message[3].FieldCount);
    }

    [Fact]
    public void Absent_segment_has_empty_fields()
    {
        Hl7Segment absent = Parse(Header).First("PID"u8);
        Assert.False(absent.Exists);
        Assert.True(absent[3].Component(1).IsEmpty);
        Assert.True(absent.Name.IsEmpty);
    }

    [Fact]
    public void Field_distinguishes_absent_from_null()
    {
        Hl7Segment pid = Parse(Header + "\rPID||\"\"").First("PID"u8);
        Assert.True(pid[1].IsEmpty);
        Assert.True(pid[2].IsNull);
    }

    [Fact]
    public void Line_feed_inside_a_field_belongs_to_the_field()
    {
        Hl7Message message = Parse(Header + "\rOBX|1|TX|||first\nsecond line|F\r\nNTE|1");
        Assert.Equal("first\nsecond line", Text(message.First("OBX"u8)[5].Bytes));
        Assert.Equal(3, message.SegmentCount);
    }

    [Theory]
    [InlineData("", Hl7Status.Empty)]
    [InlineData("\r\n", Hl7Status.Empty)]
    [InlineData("PID|1", Hl7Status.NoHeader)]
    [InlineData("MSH", Hl7Status.InvalidDelimiters)]
    [InlineData("MSH|", Hl7Status.InvalidDelimiters)]
    [InlineData("MSH|^|", Hl7Status.InvalidDelimiters)]
    [InlineData("MSH|^^|", Hl7Status.InvalidDelimiters)]
    [InlineData("MSH|^|~|", Hl7Status.InvalidDelimiters)]
    [InlineData("MSHA^~\\&A", Hl7Status.InvalidDelimiters)]
    [InlineData("MSH|^~\\&#@|", Hl7Status.InvalidDelimiters)]
    [InlineData("MSH|^~\\&|A\rpid|1", Hl7Status.InvalidSegmentName)]
    [InlineData("MSH|^~\\&|A\rPI|1", Hl7Status.InvalidSegmentName)]
    [InlineData("MSH|^~\\&|A\rPIDX|1", Hl7Status.InvalidSegmentName)]
    [InlineData("MSH|^~\\&|A\rPID1", Hl7Status.InvalidSegmentName)]
    [InlineData("MSH|^~\\&|A\rMSH|^~\\&|B", Hl7Status.SecondHeader)]
    public void Invalid_message_has_a_status(string text, Hl7Status expected)
    {
        Assert.Equal(expected, new Hl7Parser().Parse(Encoding.Latin1.GetBytes(text), out Hl7Message message));
        Assert.Equal(0, message.SegmentCount);
        Assert.NotEmpty(expected.Describe());
    }

    [Fact]
    public void Limits_are_enforced_exactly()
    {
        Hl7Parser parser = new(new Hl7Limits { MaxMessageBytes = 1_000, MaxSegments = 3, MaxFields = 40 });
        Assert.Equal(Hl7Status.TooLong, parser.Parse(new byte[1_001], out _));
        Assert.Equal(Hl7Status.Ok, parser.Parse(Encoding.Latin1.GetBytes(Header + "\rPID|1\rNTE|1\r"), out _));
        Assert.Equal(Hl7Status.TooManySegments, parser.Parse(Encoding.Latin1.GetBytes(Header + "\rPID|1\rNTE|1\rNTE|2"), out _));
        Assert.Equal(Hl7Status.TooManyFields, parser.Parse(Encoding.Latin1.GetBytes(Header + "\rPID" + new string('|', 900)), out _));
    }

    [Fact]
    public void Huge_message_of_separators_ends_at_the_limit_of_fields()
    {
        byte[] bytes = Encoding.Latin1.GetBytes(Header + "\rPID" + new string('|', 3_000_000));
        Assert.Equal(Hl7Status.TooManyFields, new Hl7Parser().Parse(bytes, out _));
    }

    [Fact]
    public void Parsing_allocates_nothing()
    {
        byte[] bytes = Samples.Read("ADT01-23.hl7");
        Hl7Parser parser = new();
        int total = 0;
        long allocated = AllocationMeter.OnThisThread(1_000, () =>
        {
            parser.Parse(bytes, out Hl7Message message);
            foreach (Hl7Field one in message.First("PID"u8)[3].Repetitions)
            {
                total += one.Component(1).Length;
            }
        });
        Assert.Equal(0, allocated);
        Assert.True(total > 0);
    }

    [Property(300, 1_000_000)]
    public void Parser_never_throws_and_finds_what_a_split_finds(byte[] noise, PositiveInt seed)
    {
        Random random = new(seed.Get);
        byte[] bytes = Samples.Read("ORU-R01-RMGEAD.hl7");
        for (int i = 0; i < noise.Length; i++)
        {
            bytes[random.Next(bytes.Length)] = i % 3 == 0 ? noise[i] : (byte)"|^~\\&\r\nM"[noise[i] % 8];
        }

        if (new Hl7Parser().Parse(bytes.AsSpan(0, random.Next(bytes.Length)), out Hl7Message message) == Hl7Status.Ok)
        {
            int length = 0;
            for (int i = 0; i < message.SegmentCount; i++)
            {
                Hl7Segment segment = message[i];
                length += segment.Bytes.Length;
                string[] fields = Encoding.Latin1.GetString(segment.Bytes).Split((char)message.Delimiters.Field);
                Assert.Equal(fields.Length - 1 + (i == 0 ? 1 : 0), segment.FieldCount);
                Assert.Equal(fields[^1], Encoding.Latin1.GetString(fields.Length == 1 ? segment.Bytes : segment[segment.FieldCount].Bytes));
            }

            Assert.True(length <= message.Bytes.Length);
        }
    }

    private static void AssertParts(string text, Hl7Field field)
    {
        int index = 0;
        string[] repetitions = text.Split('~');
        foreach (Hl7Field repetition in field.Repetitions)
        {
            string[] components = repetitions[index++].Split('^');
            for (int c = 0; c <= components.Length; c++)
            {
                string component = c < components.Length ? components[c] : "";
                Assert.Equal(component, Text(repetition.Component(c + 1)));
                Assert.Equal(component.Split('&')[^1], Text(repetition.SubComponent(c + 1, component.Split('&').Length)));
            }
        }

        Assert.Equal(text.Length == 0 ? 0 : repetitions.Length, index);
    }

    private static Hl7Message Parse(string text)
    {
        Assert.Equal(Hl7Status.Ok, new Hl7Parser().Parse(Encoding.Latin1.GetBytes(text), out Hl7Message message));
        return message;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
