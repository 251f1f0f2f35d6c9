using System.Text;
using Estream.Esf.Schema;
using Estream.Esf.Tests.Generation;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Esf.Tests;

/// <summary>
/// Every version of a schema reads the messages of every other version. Histories are generated; each version writes a message, and every
/// version reads this message. The expected result is computed from the definitions, not from the bytes.
/// </summary>
public sealed class VersionMatrixTests
{
    private const int Versions = 4;

    [Property(60, 3_000, Arbitrary = [typeof(Cases)])]
    public void Each_reader_sees_the_common_part_of_what_each_writer_wrote(SchemaCase c)
    {
        ForEachPair(c, (reader, writer, json, message) =>
        {
            EsfStatus status = EsfValidator.Check(reader, message);
            Assert.True(status.IsOk, status.ToString());
            string common = CommonPart.Of(json, writer.Definition.Record, reader.Definition.Record, out bool numbersEnums);
            Assert.Equal(common, Schemas.Print(reader, message));
            if (numbersEnums)
            {
                // The JSON contains the ordinal of an enum value without a name in this version. Readers print such ordinals, but encoding
                // rejects them.
                Assert.Contains(Schemas.TryEncode(reader, common).Error, new[] { EsfError.WrongType, EsfError.InvalidKey });
            }
            else
            {
                Assert.Equal(common, Schemas.Print(reader, Schemas.Encode(reader, common)));
            }
        });
    }

    [Property(60, 3_000, Arbitrary = [typeof(Cases)])]
    public void A_later_version_reads_all_of_an_earlier_message(SchemaCase c)
    {
        ForEachPair(c, (reader, writer, json, message) =>
        {
            if (SchemaOrder(reader, writer) >= 0)
            {
                Assert.Equal(json, Schemas.Print(reader, message));
            }
        });
    }

    [Property(60, 3_000, Arbitrary = [typeof(Cases)])]
    public void A_field_is_present_exactly_when_its_writer_wrote_it(SchemaCase c)
    {
        byte[] text = new byte[1024];
        ForEachPair(c, (reader, writer, json, message) =>
        {
            Assert.True(reader.Matches(message));
            using System.Text.Json.JsonDocument document = System.Text.Json.JsonDocument.Parse(
                CommonPart.Of(json, writer.Definition.Record, reader.Definition.Record, out _));
            foreach (EsfField field in reader.Fields)
            {
                bool isThere = document.RootElement.TryGetProperty(field.Name, out System.Text.Json.JsonElement value);
                Assert.Equal(isThere, field.IsPresent(message));
                Assert.Equal(isThere && field.HasTextForm, field.TryFormat(message, text, out int written));
                if (isThere && field.HasTextForm)
                {
                    Assert.Equal(value.ToString(), Encoding.UTF8.GetString(text, 0, written), ignoreCase: field.Kind == EsfTypeKind.Bool);
                }
            }
        });
    }

    [Property(10, 200, Arbitrary = [typeof(Cases)])]
    public void TryGet_finds_the_version_in_the_set_for_a_message_of_any_version(SchemaCase c)
    {
        ForEachPair(c, (reader, _, _, message) =>
        {
            EsfSchemaSet set =
                EsfSchemaSet.BuiltIn.With(EsfSchemaSet.Parse(new EsfSchemaFile("v.esf.yaml", YamlText.Of(reader.Definition))));
            Assert.True(set.TryGet(message, out EsfSchema? found));
            Assert.Equal(reader.Id, found.Id);
        });
    }

    private static int SchemaOrder(EsfSchema reader, EsfSchema writer) =>
        reader.Definition.CanonicalText.Length.CompareTo(writer.Definition.CanonicalText.Length);

    private static void ForEachPair(SchemaCase c, Action<EsfSchema, EsfSchema, string, byte[]> body)
    {
        EsfSchema[] versions = [.. c.History.Select(definition => new EsfSchema(definition))];
        for (int writer = 0; writer < versions.Length; writer++)
        {
            byte[] message = Schemas.Encode(versions[writer], c.Json[writer]);
            foreach (EsfSchema reader in versions)
            {
                body(reader, versions[writer], c.Json[writer], message);
            }
        }
    }

    /// <summary>Versions of a schema, and a value of each.</summary>
    public sealed record SchemaCase(MessageSchema[] History, string[] Json)
    {
        public override string ToString() => string.Join('\n', History.Zip(Json, (version, json) => version.CanonicalText + " " + json));
    }

    /// <summary>Histories of four versions.</summary>
    public static class Cases
    {
        /// <summary>Any history with its values.</summary>
        public static Arbitrary<SchemaCase> All() =>
            (from history in HistoryGen.Versions(Versions)
             from json in Gen.CollectToArray(history, version => JsonGen.Record(version.Record))
             select new SchemaCase(history, json)).ToArbitrary();
    }
}
