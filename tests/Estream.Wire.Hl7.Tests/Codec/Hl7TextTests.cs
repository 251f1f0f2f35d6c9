using System.Buffers;
using System.Text;
using Estream.Testing;
using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7.Tests.Codec;

/// <summary>Values: escape sequences, character sets, and the writer as the opposite of the parser.</summary>
public sealed class Hl7TextTests
{
    [Theory]
    [InlineData(@"a\F\b\S\c\T\d\R\e\E\f", @"a|b^c&d~e\f")]
    [InlineData(@"\X0D0A41\", "\r\nA")]
    [InlineData(@"line\.br\two", "line\ntwo")]
    [InlineData(@"\H\bold\N\ end", "bold end")]
    [InlineData(@"\Zabc\ stays", @"\Zabc\ stays")]
    [InlineData(@"C:\temp", @"C:\temp")]
    [InlineData(@"\\", @"\\")]
    [InlineData(@"\X4\", @"\X4\")]
    [InlineData(@"\XZZ\", @"\XZZ\")]
    [InlineData(@"end\", @"end\")]
    [InlineData(@"\.in+2\x\.sp3\y", "x\ny")]
    public void Escape_sequences_are_replaced(string raw, string expected)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(raw);
        byte[] destination = new byte[bytes.Length];
        int length = Hl7Escapes.Unescape(bytes, Hl7Delimiters.Standard, destination);
        Assert.Equal(expected, Encoding.UTF8.GetString(destination, 0, length));
    }

    [Property(300, 100_000)]
    public void Unescape_is_the_opposite_of_Escape(byte[] value)
    {
        ArrayBufferWriter<byte> escaped = new();
        Hl7Escapes.Escape(value, Hl7Delimiters.Standard, escaped);
        Assert.All("|^~&\r\n"u8.ToArray(), delimiter => Assert.DoesNotContain(delimiter, escaped.WrittenMemory.ToArray()));
        byte[] back = new byte[escaped.WrittenCount];
        int length = Hl7Escapes.Unescape(escaped.WrittenSpan, Hl7Delimiters.Standard, back);
        Assert.Equal(value, back[..length]);
    }

    [Property(300, 100_000)]
    public void Unescape_never_throws_and_never_grows(byte[] raw)
    {
        byte[] mixed = [.. raw.SelectMany(one => one % 3 == 0 ? @"\X4"u8.ToArray() : [one])];
        int length = Hl7Escapes.Unescape(mixed, Hl7Delimiters.Standard, new byte[mixed.Length]);
        Assert.InRange(length, 0, mixed.Length);
    }

    [Theory]
    [InlineData("", "utf-8", "Müller 東京")]
    [InlineData("", "iso-8859-1", "Müller")]
    [InlineData("UNICODE UTF-8", "utf-8", "Müller 東京")]
    [InlineData("8859/1", "iso-8859-1", "Müller")]
    [InlineData("8859/2", "iso-8859-2", "Dvořák")]
    [InlineData("8859/5", "iso-8859-5", "Иванов")]
    [InlineData("8859/15", "iso-8859-15", "Müller €")]
    [InlineData("KS X 1001", "euc-kr", "김")]
    public void Values_are_converted_from_the_character_set_of_MSH_18(string name, string encoding, string value)
    {
        Encoding source = CodePagesEncodingProvider.Instance.GetEncoding(encoding) ?? Encoding.GetEncoding(encoding);
        byte[] bytes = source.GetBytes($"MSH|^~\\&|||||||ADT^A01|1|P|2.5||||||{name}\rPID|1||||{value}^X");
        Assert.Equal(Hl7Status.Ok, new Hl7Parser().Parse(bytes, out Hl7Message message));
        Hl7Text text = new();
        Assert.True(text.TryBegin(message));
        Assert.Equal(value, Encoding.UTF8.GetString(text.Read(message.First("PID"u8)[5].Component(1))));
    }

    [Fact]
    public void Unsupported_character_set_is_reported()
    {
        byte[] bytes = @"MSH|^~\&|||||||ADT^A01|1|P|2.5||||||ISO IR87"u8.ToArray();
        Assert.Equal(Hl7Status.Ok, new Hl7Parser().Parse(bytes, out Hl7Message message));
        Assert.False(new Hl7Text().TryBegin(message));
    }

    [Fact]
    public void One_reader_converts_messages_of_different_kinds_in_turn()
    {
        (string Set, string Raw, string Text)[] kinds =
        [
            ("", "plain", "plain"), ("", @"a\S\b", "a^b"), ("8859/1", "M\u00fcller", "M\u00fcller"), ("8859/2", "plain", "plain"),
            ("", "plain", "plain"), ("UNICODE UTF-8", "plain", "plain"),
        ];
        Hl7Text text = new();
        foreach ((string set, string raw, string expected) in kinds.Concat(kinds.Reverse()))
        {
            byte[] bytes = Encoding.Latin1.GetBytes($"MSH|^~\\&|||||||ADT^A01|1|P|2.5||||||{set}\rPID|1||||{raw}^X");
            Assert.Equal(Hl7Status.Ok, new Hl7Parser().Parse(bytes, out Hl7Message message));
            Assert.True(text.TryBegin(message));
            Assert.Equal(expected, Encoding.UTF8.GetString(text.Read(message.First("PID"u8)[5].Component(1))));
        }

        Assert.Equal(Hl7Status.Ok, new Hl7Parser().Parse(@"MSH|^~\&|||||||ADT^A01|1|P|2.5||||||ISO IR87"u8, out Hl7Message unknown));
        Assert.False(text.TryBegin(unknown));
        Assert.False(text.TryBegin(unknown));
    }

    [Theory]
    [InlineData("")]
    [InlineData("one")]
    [InlineData("^^")]
    [InlineData("a^b&c&d^^e^")]
    [InlineData("1^2^3^4^5^6^7^8^9^10^11^12^13^14^15^16^17")]
    [InlineData("a text of more than sixty-four bytes, which is split in another way^b&c^^d^5^6^7^8^9^10^11^12^13^14^15^16")]
    public void Components_split_at_once_equal_components_read_one_by_one(string value)
    {
        Hl7Field field = new(Encoding.UTF8.GetBytes(value), Hl7Delimiters.Standard);
        Hl7Components components = new(field);
        for (int number = 1; number <= Hl7Components.MaxComponents; number++)
        {
            Assert.Equal(field.Component(number).ToArray(), components[number].ToArray());
            Assert.Equal(field.SubComponent(number, 2).ToArray(), components.SubComponent(number, 2).ToArray());
        }
    }

    [Fact]
    public void Null_value_reads_as_empty()
    {
        Assert.True(new Hl7Text().Read("\"\""u8).IsEmpty);
    }

    [Property(200, 50_000)]
    public void Parser_reads_what_the_writer_wrote(string[] values)
    {
        byte[][] texts = [.. values.Where(value => value is not null).Select(Encoding.UTF8.GetBytes)];
        ArrayBufferWriter<byte> bytes = new();
        Hl7Writer writer = new Hl7Writer(bytes, Hl7Delimiters.Standard).Segment("MSH"u8).Field("APP"u8).Segment("ZZZ"u8);
        foreach (byte[] text in texts)
        {
            writer.Field(text).Component(text).SubComponent(text).Repetition().Value(text);
        }

        writer.Complete();
        Assert.Equal(Hl7Status.Ok, new Hl7Parser().Parse(bytes.WrittenSpan, out Hl7Message message));
        Hl7Text reader = new();
        Assert.True(reader.TryBegin(message));
        for (int i = 0; i < texts.Length; i++)
        {
            Hl7Field field = message[1][i + 1];
            foreach (byte[] read in new[] { reader.Read(field.Component(1)).ToArray(), reader.Read(field.SubComponent(2, 2)).ToArray() })
            {
                Assert.Equal(texts[i].AsSpan().SequenceEqual("\"\""u8) ? [] : texts[i], read);
            }
        }
    }

    [Theory]
    [InlineData("FHS|^~\\&\rBHS|^~\\&\rMSH|^~\\&|1\rPID|1\rMSH|^~\\&|2\rBTS|2\rFTS|1\r", 2, 1, null)]
    [InlineData("BHS|^~\\&\rMSH|^~\\&|1\rBTS|1\rBHS|^~\\&\rMSH|^~\\&|1\rBTS\r", 2, 2, null)]
    [InlineData("MSH|^~\\&|1\n\nMSH|^~\\&|2\r\n", 2, 0, null)]
    [InlineData("FHS|^~\\&\rMSH|^~\\&|1\rFTS|1\r", 1, 0, null)]
    [InlineData("BHS|^~\\&\rMSH|^~\\&|1\rBTS|3\r", 1, 1, "BTS-1")]
    [InlineData("FHS|^~\\&\rBHS|^~\\&\rBTS|0\rFTS|7\r", 0, 1, "FTS-1")]
    [InlineData("BHS|^~\\&\rMSH|^~\\&|1\r", 1, 0, "BTS is missing")]
    [InlineData("FHS|^~\\&\rMSH|^~\\&|1\r", 1, 0, "without FTS")]
    [InlineData("PID|1\r", 0, 0, "not FHS, BHS, BTS or FTS")]
    [InlineData("BTS|0\r", 0, 0, "in their order")]
    [InlineData("", 0, 0, null)]
    public void Batch_reader_splits_files_and_checks_their_counts(string file, int messages, int batches, string? failure)
    {
        Hl7BatchReader reader = new(Encoding.Latin1.GetBytes(file));
        int count = 0;
        while (reader.TryRead(out ReadOnlySpan<byte> message))
        {
            Assert.Equal(Hl7Status.Ok, new Hl7Parser().Parse(message, out _));
            count++;
        }

        Assert.Equal((messages, batches), (count, (int)reader.Batches));
        Assert.Equal(failure is null, reader.Failure is null);
        Assert.Contains(failure ?? "", reader.Failure ?? "", StringComparison.Ordinal);
    }
}
