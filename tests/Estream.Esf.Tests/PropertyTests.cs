using System.Text;
using Estream.Esf.Schema;
using Estream.Esf.Tests.Generation;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Esf.Tests;

/// <summary>Properties that every schema and every value must have, tested on generated schemas and values.</summary>
public sealed class PropertyTests
{
    [Property(300, 10_000, Arbitrary = [typeof(Cases)])]
    public void Json_to_message_to_json_loses_nothing(SchemaCase c)
    {
        EsfSchema schema = new(c.Schema);
        byte[] message = Schemas.Encode(schema, c.Json);
        Assert.Equal(c.Json, Schemas.Print(schema, message));
        Assert.Equal(message, Schemas.Encode(schema, Schemas.Print(schema, message)));
    }

    [Property(300, 10_000, Arbitrary = [typeof(Cases)])]
    public void SchemaReader_and_the_canonical_text_agree_on_a_schema(MessageSchema schema)
    {
        SchemaReadResult read = SchemaReader.Read(YamlText.Of(schema), "generated.esf.yaml");
        Assert.True(read.Diagnostics.Count == 0, string.Join('\n', read.Diagnostics));
        Assert.Equal(schema.CanonicalText, read.Document!.Schemas[0].CanonicalText);
        Assert.Equal(schema.Id, CanonicalSchema.Parse(schema.CanonicalText).Id);
    }

    [Property(300, 10_000, Arbitrary = [typeof(Cases)])]
    public void Appending_a_field_moves_no_other_field(MessageSchema schema)
    {
        RecordDefinition longer =
            new([.. schema.Record.Fields, new FieldDefinition("appended", EsfType.Of(EsfTypeKind.U32), isOptional: true)]);
        RecordLayout before = RecordLayout.OfMessage(schema.Record);
        RecordLayout after = RecordLayout.OfMessage(longer);
        foreach (FieldLayout field in before.Fields)
        {
            FieldLayout same = after.Fields[field.Ordinal];
            Assert.Equal((field.Offset, field.PresenceOffset, field.PresenceMask), (same.Offset, same.PresenceOffset, same.PresenceMask));
        }

        Assert.True(after.FixedLength > before.FixedLength);
    }

    [Property(300, 10_000, Arbitrary = [typeof(Cases)])]
    public void Fields_share_no_byte_and_waste_none(MessageSchema schema)
    {
        RecordLayout layout = RecordLayout.OfMessage(schema.Record);
        IEnumerable<int> slots = layout.Fields.SelectMany(field => Enumerable.Range(field.Offset, field.SlotSize));
        IEnumerable<int> presence = layout.Fields.Where(field => field.PresenceOffset >= 0).Select(field => field.PresenceOffset)
            .Distinct();
        Assert.Equal(Enumerable.Range(layout.Start, layout.FixedLength - layout.Start), slots.Concat(presence).Order());
    }

    [Property(300, 10_000, Arbitrary = [typeof(Cases)])]
    public void TryEncode_rejects_a_destination_one_byte_short_and_accepts_an_exact_one(SchemaCase c)
    {
        EsfSchema schema = new(c.Schema);
        byte[] json = Encoding.UTF8.GetBytes(c.Json);
        int length = Schemas.Encode(schema, c.Json).Length;
        Assert.True(EsfJson.TryEncode(schema, json, new byte[length], out _).IsOk);
        Assert.True(EsfJson.TryEncode(schema, json, new byte[length - 1], out _).IsDestinationTooSmall);
    }

    /// <summary>A schema with a value.</summary>
    public sealed record SchemaCase(MessageSchema Schema, string Json)
    {
        public override string ToString() => Schema.CanonicalText + " " + Json;
    }

    /// <summary>Any schema, alone and with a value.</summary>
    public static class Cases
    {
        /// <summary>Schemas.</summary>
        public static Arbitrary<MessageSchema> Schemas() => SchemaGen.Schema.ToArbitrary();

        /// <summary>Schemas with a value.</summary>
        public static Arbitrary<SchemaCase> Values() =>
            (from schema in SchemaGen.Schema
             from json in JsonGen.Record(schema.Record)
             select new SchemaCase(schema, json)).ToArbitrary();
    }
}
