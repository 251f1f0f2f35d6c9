using System.Globalization;
using System.Text.Json;
using Estream.Esf;
using Estream.Esf.Schema;

namespace Estream.Host.Http;

/// <summary>Writes schemas as JSON for people and programs that build tables and forms. The limits of the schema language bound the
/// size.</summary>
internal static class SchemaDescription
{
    /// <summary>Writes the members of a row of the list.</summary>
    /// <param name="writer">The writer, inside an object.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="queues">The queues that store its messages.</param>
    public static void WriteSummary(Utf8JsonWriter writer, EsfSchema schema, IReadOnlyCollection<string> queues)
    {
        SchemaTraits traits = schema.Definition.Traits;
        writer.WriteString("name", schema.Name);
        writer.WriteString("namespace", schema.Namespace);
        writer.WriteString("description", traits.Description);
        writer.WriteString("pattern",
            traits.Pattern is { } pattern ? JsonNamingPolicy.SnakeCaseLower.ConvertName(pattern.ToString()) : null);
        writer.WriteString("path", traits.Path);
        writer.WriteBoolean("isBuiltIn", EsfSchemaSet.BuiltIn.TryGet(schema.Id, out _));
        writer.WriteNumber("fieldCount", schema.Fields.Count);
        writer.WriteBoolean("isPrivate", schema.IsProtected);
        WriteTexts(writer, "queues", queues);
    }

    /// <summary>Writes an object with the summary, the id and the fields.</summary>
    public static void WriteDetail(Utf8JsonWriter writer, EsfSchema schema, IReadOnlyCollection<string> queues)
    {
        writer.WriteStartObject();
        WriteSummary(writer, schema, queues);
        writer.WriteString("id", schema.Id.ToString("x16", CultureInfo.InvariantCulture));
        writer.WriteString("lattice", schema.Definition.Traits.Lattice);
        WriteFields(writer, schema.Definition.Record);
        writer.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter writer, RecordDefinition record)
    {
        writer.WriteStartArray("fields");
        foreach (FieldDefinition field in record.Fields)
        {
            writer.WriteStartObject();
            writer.WriteString("name", field.Name);
            writer.WriteString("type", field.Type.Record?.Name ?? field.Type.ToString());
            writer.WriteString("description", field.Description);
            writer.WriteBoolean("isOptional", field.IsOptional);
            writer.WriteBoolean("isPrivate", field.IsPrivate);
            writer.WriteBoolean("isTokenized", field.IsTokenized);
            WriteTexts(writer, "audiences", field.Privacy.Readers);

            // The values of an enum, and the fields of an object, also if the field is an array or a map of them.
            EsfType value = ValueOf(field.Type);
            WriteTexts(writer, "values", value.Enumeration?.Values ?? []);
            if (value.Record is { } nested)
            {
                WriteFields(writer, nested);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static EsfType ValueOf(EsfType type)
    {
        while (type.Element is { } element)
        {
            type = element;
        }

        return type;
    }

    private static void WriteTexts(Utf8JsonWriter writer, string member, IEnumerable<string> texts)
    {
        writer.WriteStartArray(member);
        foreach (string text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }
}
