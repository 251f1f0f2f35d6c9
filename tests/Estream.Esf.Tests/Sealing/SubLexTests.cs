using Estream.Esf.Internal;
using Estream.Esf.Schema;
using Estream.Esf.Tests.Generation;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Esf.Tests.Sealing;

/// <summary>Messages split by the sub-lexes of their fields: every value is in exactly one part.</summary>
public sealed class SubLexTests
{
    private static readonly EsfSchema s_schema = Schemas.One("""
        Visit:
          fields:
            id: { type: string(16) }
            name: { type: string(40), privacy: { default_level: encrypted, audiences: [{ audience: owner, level: public }] } }
            finding: { type: string, optional: true, privacy: { default_level: encrypted, audiences: [{ audience: auditor, level: public }], sublex: clinical } }
            bill: { type: u32, optional: true, privacy: { default_level: encrypted, sublex: billing } }
            beds: { type: array(object), optional: true, fields: { ward: { type: string }, drug: { type: string, privacy: { default_level: encrypted, sublex: clinical } } } }
        """);

    private const string Json =
        """{"id":"v-1","name":"Katharina Musterfrau","finding":"murmur of a heart","bill":4711,"beds":[{"ward":"north","drug":"digoxin"}]}""";

    private const string Withheld = Redaction.Withheld;

    [Fact]
    public void Part_has_public_fields_and_its_own_values_and_withholds_others()
    {
        Assert.Equal(["clinical", "billing"], s_schema.SubLexes);
        byte[] message = Seal(s_schema, Json);
        Assert.Equal(
            $$"""{"id":"v-1","name":"Katharina Musterfrau","finding":{{Withheld}},"bill":{{Withheld}},"beds":[{"ward":"north","drug":{{Withheld}}}]}""", Print(s_schema, Split(s_schema, message, null), TestKeys.Audiences));
        Assert.Equal(
            $$"""{"id":"v-1","name":{{Withheld}},"finding":"murmur of a heart","bill":{{Withheld}},"beds":[{"ward":"north","drug":"digoxin"}]}""", Print(s_schema, Split(s_schema, message, "clinical"), TestKeys.Audiences));
        Assert.Equal(
            $$"""{"id":"v-1","name":{{Withheld}},"finding":{{Withheld}},"bill":4711,"beds":[{"ward":"north","drug":{{Withheld}}}]}""",
            Print(s_schema, Split(s_schema, message, "billing"), ["default"]));
    }

    [Fact]
    public void Part_has_keys_for_its_own_readers_only()
    {
        byte[] message = Seal(s_schema, Json);
        Assert.Equal(1, RecipientsOf(Split(s_schema, message, null)));
        Assert.Equal(2, RecipientsOf(Split(s_schema, message, "clinical")));
        Assert.Equal(1, RecipientsOf(Split(s_schema, message, "billing")));
        Assert.Equal(3, RecipientsOf(message));
    }

    [Fact]
    public void Split_writes_no_part_for_a_sub_lex_without_values()
    {
        byte[] message = Seal(s_schema, """{"id":"v-1","name":"Katharina"}""");
        Assert.Empty(Split(s_schema, message, "clinical"));
        Assert.Empty(Split(s_schema, message, "billing"));
        Assert.Equal(message, Split(s_schema, message, null));
    }

    [Fact]
    public void Main_part_without_values_has_no_envelope_and_passes_CheckStored()
    {
        EsfSchema schema =
            Schemas.One("S: { fields: { id: { type: u8 }, a: { type: string, privacy: { default_level: encrypted, sublex: apart } } } }");
        byte[] main = Split(schema, Seal(schema, """{"id":7,"a":"secret"}"""), null);
        Assert.True(EsfMessageHeader.TryRead(main, out EsfMessageHeader header) && !header.IsSealed);
        Assert.True(EsfValidator.CheckStored(schema, main).IsOk);
        Assert.Equal($$"""{"id":7,"a":{{Withheld}}}""", Print(schema, main, TestKeys.Audiences));
        Assert.Equal(main, Split(schema, main, null));
        Assert.Empty(Split(schema, main, "apart"));
    }

    [Fact]
    public void Split_rejects_unsealed_damaged_and_foreign_messages()
    {
        byte[] destination = new byte[10_000];
        Assert.Equal(EsfError.Unsealed,
            EsfSubLex.Split(s_schema, Schemas.Encode(s_schema, Json), null, destination, out int written).Error);
        Assert.Equal(0, written);
        byte[] message = Seal(s_schema, Json);
        Assert.Equal(EsfError.BadEnvelope, EsfSubLex.Split(s_schema, message.AsSpan(..^1), null, destination, out _).Error);
        message[0] ^= 1;
        Assert.Equal(EsfError.WrongSchema, EsfSubLex.Split(s_schema, message, null, destination, out _).Error);
        Assert.Contains("clinical, billing",
            Assert.Throws<ArgumentException>(() => EsfSubLex.Split(s_schema, message, "clinic", destination, out _)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Split_rejects_a_value_under_a_key_without_recipients()
    {
        byte[] message = Seal(s_schema, """{"id":"v-1","name":"Katharina","bill":1}""");
        int at = message.AsSpan().IndexOf("v-1"u8) + 3;
        message[at + 3] = 31;
        byte[] destination = new byte[message.Length];
        Assert.Equal(EsfError.BadEnvelope, EsfSubLex.Split(s_schema, message, null, destination, out int written).Error);
        Assert.Equal(0, written);
    }

    [Property(200, 5_000, Arbitrary = [typeof(Cases)])]
    public void Split_puts_each_value_into_one_part_that_opens_for_its_readers(SchemaCase c)
    {
        EsfSchema schema = new(c.Schema);
        byte[] message = Seal(schema, c.Json);
        foreach (string? part in (string?[])[null, .. schema.SubLexes])
        {
            byte[] bytes = Split(schema, message, part);
            if (bytes.Length == 0)
            {
                continue;
            }

            Assert.True(EsfValidator.CheckStored(schema, bytes).IsOk);
            foreach (string[] audiences in (string[][])[[], ["auditor"], TestKeys.Audiences])
            {
                Assert.Equal(Redaction.OfPart(c.Json, schema.Definition.Record, audiences, part), Print(schema, bytes, audiences));
            }
        }
    }

    [Fact]
    public void Split_reports_every_shorter_destination_as_too_small()
    {
        byte[] message = Seal(s_schema, Json);
        foreach (string? part in (string?[])[null, "clinical", "billing"])
        {
            int length = Split(s_schema, message, part).Length;
            for (int room = 0; room < length; room++)
            {
                Assert.True(EsfSubLex.Split(s_schema, message, part, new byte[room], out int written).IsDestinationTooSmall);
                Assert.Equal(0, written);
            }
        }
    }

    [Theory]
    [InlineData("esf1 test.S{a:u8@public/x}")]
    [InlineData("esf1 test.S{a:u8@encrypted/X}")]
    [InlineData("esf1 test.S{a:u8@encrypted/}")]
    [InlineData("esf1 test.S{a:object{b:u8@encrypted/x}@encrypted}")]
    [InlineData("esf1 test.S{a:object{b:u8@encrypted/x}@encrypted/x}")]
    [InlineData(
        "esf1 test.S{a:u8@encrypted/s0,b:u8@encrypted/s1,c:u8@encrypted/s2,d:u8@encrypted/s3,e:u8@encrypted/s4,"
        + "f:u8@encrypted/s5,g:u8@encrypted/s6,h:u8@encrypted/s7,i:u8@encrypted/s8}")]
    public void FromCanonicalText_rejects_an_invalid_sub_lex(string text) =>
        Assert.Throws<FormatException>(() => EsfSchema.FromCanonicalText(text));

    private static byte[] Seal(EsfSchema schema, string json)
    {
        using EsfSealer sealer = new(schema, TestKeys.Public, null, new FakeVault());
        return sealer.SealOrFail(Schemas.Encode(schema, json));
    }

    private static byte[] Split(EsfSchema schema, byte[] message, string? part)
    {
        byte[] destination = new byte[message.Length];
        EsfStatus status = EsfSubLex.Split(schema, message, part, destination, out int written);
        Assert.True(status.IsOk, status.ToString());
        return destination[..written];
    }

    private static string Print(EsfSchema schema, byte[] message, string[] audiences)
    {
        using EsfKeyRing ring = TestKeys.RingOf(audiences);
        return SealCase.Print(schema, message, ring);
    }

    private static int RecipientsOf(byte[] message) =>
        SealEnvelope.TryRead(message, s_schema.Plan.FixedLength, out SealEnvelope envelope) ? envelope.RecipientCount : 0;

    /// <summary>A schema with sub-lexes, and a value of it.</summary>
    public sealed record SchemaCase(MessageSchema Schema, string Json)
    {
        /// <inheritdoc/>
        public override string ToString() => Schema.CanonicalText + " " + Json;
    }

    /// <summary>Schemas with sub-lexes.</summary>
    public static class Cases
    {
        /// <summary>Any schema with sub-lexes, and a value of it.</summary>
        public static Arbitrary<SchemaCase> All() =>
            (from schema in SchemaGen.Schema
             where SubLexes.Of(schema.Record).Names.Count > 0
             from json in JsonGen.Record(schema.Record)
             select new SchemaCase(schema, json)).ToArbitrary();
    }
}
