using System.Buffers;
using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Testing;
using Estream.Wire.Iso20022.Tests.Validation;

namespace Estream.Wire.Iso20022.Tests.Mapping;

/// <summary>Messages become ESF messages while they arrive: one ESF message for each statement, several for a long statement. Memory use is
/// bounded by the size of one ESF message.</summary>
public sealed class Iso20022ReaderTests
{
    private readonly List<(EsfSchema Schema, byte[] Message)> _taken = [];

    [Fact]
    public void Iso20022Reader_gives_the_same_messages_for_any_pieces()
    {
        Iso20022Reader reader = Reader();
        foreach (byte value in Encoding.UTF8.GetBytes(Statements.Statement))
        {
            Assert.True(reader.Feed([value]));
        }

        Assert.True(reader.Complete().IsOk);
        Assert.Equal("camt.053.001.08", reader.Definition);
        Assert.Equal([PaymentsPack.Example("Camt053Statement")], Texts());
        Assert.Equal(0, reader.LeftOut);
    }

    [Fact]
    public void Iso20022Reader_gives_the_same_message_as_the_translator()
    {
        Iso20022Translator translator = new(PaymentsPack.Schemas);
        Iso20022Reader reader = Reader();
        byte[] message = new byte[1 << 20];
        foreach (string path in Samples.All)
        {
            TranslateStatus expected = translator.ToEsf(Samples.Read(path), message, out EsfSchema? schema, out int length);
            _taken.Clear();
            reader.Reset();
            reader.Feed(Samples.Read(path));
            TranslateStatus status = reader.Complete();

            if (expected.Code != TranslateCode.Unsupported)
            {
                Assert.Equal((path, expected.Code, expected.Describe(default)), (path, status.Code, status.Describe(default)));
            }

            if (expected.IsOk)
            {
                Assert.Equal([PaymentsPack.Print(schema!, message.AsSpan(0, length))], Texts());
            }
        }
    }

    [Fact]
    public void Each_statement_becomes_a_message_with_the_fields_of_the_document()
    {
        Assert.True(Read(Reader(), Statements.Two).IsOk);

        string[] texts = [.. Texts()];
        Assert.Equal(2, texts.Length);
        Assert.Contains("\"message_id\":\"MSG-5\"", texts[0], StringComparison.Ordinal);
        Assert.Contains("\"statement_id\":\"ST-1\"", texts[0], StringComparison.Ordinal);
        Assert.Equal(texts[0].Replace("ST-1", "ST-2", StringComparison.Ordinal), texts[1]);
    }

    [Fact]
    public void A_long_statement_is_split_into_parts_with_its_entries_in_order()
    {
        const int Entries = 50;
        Assert.True(Read(Reader(), Statements.Long(Entries)).IsOk);
        Dictionary<string, JsonElement> whole = MembersOf(Assert.Single(Texts()));

        _taken.Clear();
        Assert.True(Read(Reader(new Iso20022Limits { MaxPartBytes = 1_024 }), Statements.Long(Entries)).IsOk);

        Dictionary<string, JsonElement>[] parts = [.. Texts().Select(MembersOf)];
        Assert.InRange(parts.Length, 5, Entries / 2);
        Assert.Equal(Enumerable.Range(1, parts.Length), parts.Select(part => part["part"].GetProperty("number").GetInt32()));
        Assert.Equal(parts.Select(part => part == parts[^1]), parts.Select(part => part["part"].GetProperty("is_last").GetBoolean()));
        Assert.Equal(whole["entries"].EnumerateArray().Select(entry => entry.GetRawText()),
            parts.SelectMany(part => part["entries"].EnumerateArray()).Select(entry => entry.GetRawText()));
        Assert.All(parts, part => Assert.Equal(HeadOf(whole), HeadOf(part)));
        Assert.Equal(parts.Select(part => part == parts[^1]), parts.Select(part => part.ContainsKey("additional")));
    }

    [Fact]
    public void Parts_translate_back_to_the_original_message()
    {
        byte[] document = Encoding.UTF8.GetBytes(Statements.Long(50));
        Assert.True(Read(Reader(), document).IsOk);
        string whole = Assert.Single(Texts());
        _taken.Clear();
        Assert.True(Read(Reader(new Iso20022Limits { MaxPartBytes = 1_024 }), document).IsOk);

        ArrayBufferWriter<byte> xml = new();
        TranslateStatus status = new Iso20022Translator(PaymentsPack.Schemas).ToXml(_taken[0].Schema,
            _taken.Select(part => new ReadOnlyMemory<byte>(part.Message)), xml);

        Assert.True(status.IsOk, status.Describe(default));
        Assert.Empty(SchemaJudge.Errors(xml.WrittenSpan.ToArray()));
        _taken.Clear();
        Assert.True(Read(Reader(), xml.WrittenSpan.ToArray()).IsOk);
        Assert.Equal([whole], Texts());
    }

    [Fact]
    public void The_next_part_is_requested_after_the_previous_one_is_written()
    {
        Assert.True(Read(Reader(new Iso20022Limits { MaxPartBytes = 1_024 }), Statements.Long(50)).IsOk);
        ArrayBufferWriter<byte> xml = new();
        List<int> written = [];
        IEnumerable<ReadOnlyMemory<byte>> Parts()
        {
            foreach ((_, byte[] message) in _taken)
            {
                written.Add(xml.WrittenCount);
                yield return message;
            }
        }

        Assert.True(new Iso20022Translator(PaymentsPack.Schemas).ToXml(_taken[0].Schema, Parts(), xml).IsOk);

        Assert.Equal(_taken.Count, written.Count);
        Assert.Equal(0, written[0]);
        Assert.All(written.Zip(written.Skip(1)),
            pair => Assert.True(pair.First < pair.Second, $"{pair.First} bytes were written, and then {pair.Second}"));
    }

    [Fact]
    public void Parts_of_different_messages_or_out_of_order_are_refused()
    {
        Iso20022Limits limits = new() { MaxPartBytes = 1_024 };
        Assert.True(Read(Reader(limits), Statements.Long(20)).IsOk);
        byte[][] parts = [.. _taken.Select(part => part.Message)];
        _taken.Clear();
        Assert.True(Read(Reader(limits), Statements.Long(20).Replace("ST-1", "ST-2", StringComparison.Ordinal)).IsOk);
        byte[] other = _taken[1].Message;
        Assert.InRange(parts.Length, 3, 20);

        Assert.Equal("the last part is missing", Back(parts[..^1]));
        Assert.Equal("the last part is missing", Back(parts[0]));
        Assert.Equal("the parts do not belong to one message, or are out of order", Back(parts[1..]));
        Assert.Equal("the parts do not belong to one message, or are out of order", Back([parts[0], .. parts[2..]]));
        Assert.Equal("the parts do not belong to one message, or are out of order", Back([parts[0], other, .. parts[2..]]));
        Assert.Equal("there is a part after the last part", Back([.. parts, parts[0]]));
        Assert.Equal("there is no message", Back());
        Assert.Equal("ok", Back(parts));
    }

    [Fact]
    public void An_error_after_the_first_parts_stops_further_parts_and_fails_Complete()
    {
        const string Wrong = "<Ntry><NtryRef>SECRET</NtryRef></Ntry>";
        string document = Statements.Long(40);
        int middle = document.IndexOf(Statements.Entry("20"), StringComparison.Ordinal);

        TranslateStatus status = Read(Reader(new Iso20022Limits { MaxPartBytes = 1_024 }), document.Insert(middle, Wrong));

        Assert.Equal(TranslateCode.Unfit, status.Code);
        Assert.StartsWith("Document/BkToCstmrStmt/Stmt[1]/Ntry[20]/Amt: MissingElement (at byte ", status.Describe(default),
            StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", status.Describe(default), StringComparison.Ordinal);
        string[] references = [.. Texts().SelectMany(text => MembersOf(text)["entries"].EnumerateArray())
            .Select(entry => entry.GetProperty("reference").GetString()!)];
        Assert.InRange(references.Length, 5, 19);
        Assert.Equal(Enumerable.Range(1, references.Length).Select(number => $"{number}"), references);
    }

    [Fact]
    public void An_entry_with_several_details_has_all_their_transactions_and_the_batch_of_the_first()
    {
        const string Details = "<NtryDtls><Btch><MsgId>{0}</MsgId></Btch><TxDtls><Refs><TxId>{0}</TxId></Refs></TxDtls></NtryDtls>";
        string first = Details.Replace("{0}", "A", StringComparison.Ordinal);
        string second = Details.Replace("{0}", "B", StringComparison.Ordinal);

        Assert.Contains("\"batch_message_id\":\"A\",\"transactions\":[{\"transaction_id\":\"A\"},{\"transaction_id\":\"B\"}]",
            OneEntry(first + second, leftOut: 1), StringComparison.Ordinal);
        Assert.DoesNotContain("batch", OneEntry("<NtryDtls/>" + second, leftOut: 1), StringComparison.Ordinal);
    }

    [Fact]
    public void A_statement_part_beyond_the_limit_is_refused()
    {
        Iso20022Limits limits = new() { MaxMappedBytes = 4_096, MaxPartBytes = 1_024 };
        string details = string.Concat(
            Enumerable.Repeat("<NtryDtls><TxDtls><Refs><EndToEndId>12345678901234567890</EndToEndId></Refs></TxDtls></NtryDtls>", 200));
        string document = Statements.Long(2).Replace("</Ntry>", details + "</Ntry>", StringComparison.Ordinal);

        TranslateStatus status = Read(Reader(limits), document);

        Assert.Equal(TranslateCode.Unfit, status.Code);
        Assert.Contains("MaxMappedBytes", status.Describe(default), StringComparison.Ordinal);
        Assert.Empty(_taken);
    }

    [Fact]
    public void A_message_without_its_schema_is_not_returned()
    {
        Iso20022Reader reader = new(EsfSchemaSet.Empty, (schema, message) => _taken.Add((schema, message.ToArray())));

        Assert.Equal(TranslateCode.NotMapped, Read(reader, Statements.Statement).Code);
        reader.Reset();
        Assert.Equal(TranslateCode.Unfit, Read(reader, "<a/>").Code);
        reader.Reset();
        Assert.Equal(TranslateCode.Unfit, reader.Complete().Code);
        Assert.Empty(_taken);
    }

    [Fact]
    public void Reading_a_statement_takes_the_memory_of_one_part()
    {
        long entries = 0;
        int parts = 0;
        Iso20022Reader reader = new(PaymentsPack.Schemas, (_, _) => parts++, new Iso20022Limits { MaxPartBytes = 4_096 });
        byte[] entry = Encoding.UTF8.GetBytes(Statements.Entry("1"));
        Assert.True(reader.Feed(Encoding.UTF8.GetBytes(Statements.Start + Statements.Head)));

        Assert.Equal(0, AllocationMeter.OnThisThread(LongRun.Count(20_000, 1_000_000), () =>
        {
            reader.Feed(entry);
            entries++;
        }));

        Assert.True(reader.Feed(Encoding.UTF8.GetBytes("</Stmt>" + Statements.End)));
        Assert.True(reader.Complete().IsOk);
        Assert.InRange(parts, entries / 40, entries / 5);
    }

    private static TranslateStatus Read(Iso20022Reader reader, string document) => Read(reader, Encoding.UTF8.GetBytes(document));

    private static TranslateStatus Read(Iso20022Reader reader, byte[] document)
    {
        reader.Feed(document);
        return reader.Complete();
    }

    private static Dictionary<string, JsonElement> MembersOf(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.Clone());
    }

    private static string HeadOf(Dictionary<string, JsonElement> message) =>
        string.Join(',',
            message.Where(member => member.Key is not ("entries" or "part" or "additional"))
                .Select(member => $"{member.Key}:{member.Value.GetRawText()}"));

    private static string Back(params byte[][] parts)
    {
        TranslateStatus status = new Iso20022Translator(PaymentsPack.Schemas).ToXml(PaymentsPack.Schema("Camt053Statement"),
            parts.Select(part => new ReadOnlyMemory<byte>(part)), new ArrayBufferWriter<byte>());
        return status.Describe(default);
    }

    private Iso20022Reader Reader(Iso20022Limits? limits = null) =>
        new(PaymentsPack.Schemas, (schema, message) => _taken.Add((schema, message.ToArray())), limits);

    private IEnumerable<string> Texts() => _taken.Select(taken => PaymentsPack.Print(taken.Schema, taken.Message));

    private string OneEntry(string details, int leftOut)
    {
        _taken.Clear();
        Iso20022Reader reader = Reader();
        string entry = Statements.Entry("1");
        int begin = entry.IndexOf("<NtryDtls>", StringComparison.Ordinal);
        string changed = entry[..begin] + details + "</Ntry>";
        Assert.True(Read(reader, Statements.Start + Statements.Head + changed + "</Stmt>" + Statements.End).IsOk);
        Assert.Equal(leftOut, reader.LeftOut);
        return Assert.Single(Texts());
    }
}
