using System.Text;
using Estream.Esf.Schema;
using Estream.Esf.Tests.Generation;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Esf.Tests;

/// <summary>
/// What holds for every schema and every value of it, shown on generated ones. A failure prints the seed that replays it.
/// </summary>
public sealed class PropertyTests
{
    private static readonly Gen<Case> s_case =
        from schema in SchemaGen.Schema
        from json in JsonGen.Record(schema.Record)
        select new Case(schema, json);

    [Fact]
    public void Json_to_message_to_json_loses_nothing()
    {
        Check(s_case, c =>
        {
            EsfSchema schema = new(c.Schema);
            byte[] message = Schemas.Encode(schema, c.Json);
            Assert.Equal(c.Json, Schemas.Print(schema, message));
            Assert.Equal(message, Schemas.Encode(schema, Schemas.Print(schema, message)));
        });
    }

    [Fact]
    public void The_reader_and_the_canonical_text_agree_on_a_schema()
    {
        Check(SchemaGen.Schema, schema =>
        {
            SchemaReadResult read = SchemaReader.Read(YamlText.Of(schema), "generated.esf.yaml");
            Assert.True(read.Diagnostics.Count == 0, string.Join('\n', read.Diagnostics));
            Assert.Equal(schema.CanonicalText, read.Document!.Schemas[0].CanonicalText);
            Assert.Equal(schema.Id, CanonicalSchema.Parse(schema.CanonicalText).Id);
        });
    }

    [Fact]
    public void Appending_a_field_moves_no_other()
    {
        Check(SchemaGen.Schema, schema =>
        {
            RecordDefinition longer = new([.. schema.Record.Fields, new FieldDefinition("appended", EsfType.Of(EsfTypeKind.U32), isOptional: true)]);
            RecordLayout before = RecordLayout.OfMessage(schema.Record);
            RecordLayout after = RecordLayout.OfMessage(longer);
            foreach (FieldLayout field in before.Fields)
            {
                FieldLayout same = after.Fields[field.Ordinal];
                Assert.Equal((field.Offset, field.PresenceOffset, field.PresenceMask), (same.Offset, same.PresenceOffset, same.PresenceMask));
            }

            Assert.True(after.FixedLength > before.FixedLength);
        });
    }

    [Fact]
    public void No_two_fields_share_a_byte_and_no_byte_is_wasted()
    {
        Check(SchemaGen.Schema, schema =>
        {
            RecordLayout layout = RecordLayout.OfMessage(schema.Record);
            IEnumerable<int> slots = layout.Fields.SelectMany(field => Enumerable.Range(field.Offset, field.SlotSize));
            IEnumerable<int> presence = layout.Fields.Where(field => field.PresenceOffset >= 0).Select(field => field.PresenceOffset).Distinct();
            Assert.Equal(Enumerable.Range(layout.Start, layout.FixedLength - layout.Start), slots.Concat(presence).Order());
        });
    }

    [Fact]
    public void A_destination_one_byte_short_is_too_small_and_an_exact_one_is_not()
    {
        Check(s_case, c =>
        {
            EsfSchema schema = new(c.Schema);
            byte[] json = Encoding.UTF8.GetBytes(c.Json);
            int length = Schemas.Encode(schema, c.Json).Length;
            Assert.True(EsfJson.TryEncode(schema, json, new byte[length], out _).IsOk);
            Assert.True(EsfJson.TryEncode(schema, json, new byte[length - 1], out _).IsDestinationTooSmall);
        });
    }

    private static void Check<T>(Gen<T> gen, Action<T> body) =>
        Prop.ForAll(gen.ToArbitrary(), body).Check(Config.QuickThrowOnFailure.WithMaxTest(LongRun.Count(300, 10_000)));

    private sealed record Case(MessageSchema Schema, string Json)
    {
        public override string ToString() => Schema.CanonicalText + " " + Json;
    }
}
