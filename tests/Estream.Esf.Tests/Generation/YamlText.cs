using System.Text;
using Estream.Esf.Schema;

namespace Estream.Esf.Tests.Generation;

/// <summary>Writes a generated schema as YAML, so that property tests cover the reader.</summary>
public static class YamlText
{
    /// <summary>Returns the schemas as a file.</summary>
    public static string Of(params MessageSchema[] schemas)
    {
        StringBuilder text = new("version: \"1.0\"\nnamespace: " + schemas[0].Namespace + "\nschemas:\n");
        SortedDictionary<string, EnumDefinition> enums = [];
        foreach (MessageSchema schema in schemas)
        {
            text.Append("  ").Append(schema.Name).Append(": { fields: ").Append(Fields(schema.Record, enums)).Append(" }\n");
        }

        text.Append(enums.Count > 0 ? "enums:\n" : "");
        foreach (EnumDefinition definition in enums.Values)
        {
            text.Append("  ").Append(definition.Name).Append(": { values: [").Append(string.Join(", ", definition.Values)).Append("] }\n");
        }

        return text.ToString();
    }

    private static string Fields(RecordDefinition record, SortedDictionary<string, EnumDefinition> enums) =>
        "{ " + string.Join(", ", record.Fields.Select(field => field.Name + ": " + Field(field, enums))) + " }";

    private static string Field(FieldDefinition field, SortedDictionary<string, EnumDefinition> enums)
    {
        RecordDefinition? record = null;
        string type = TypeOf(field.Type, enums, ref record);
        return "{ type: \"" + type + "\"" + (field.IsOptional ? ", optional: true" : "")
            + (field.IsPrivate
                ? ", privacy: { default_level: encrypted, audiences: [" + string.Join(", ", field.Privacy.Audiences.Select(Grant)) + "]"
                    + (field.Privacy.SubLex is { } subLex ? ", sublex: " + subLex : "") + " }" : "")
            + (field.IsTokenized ? ", privacy: tokenized" : "")
            + (record is null ? "" : ", fields: " + Fields(record, enums)) + " }";
    }

    private static string Grant(AudienceGrant grant) =>
        "{ audience: " + grant.Audience + ", level: " + (grant.Level == PrivacyLevel.Public ? "public" : "encrypted") + " }";

    private static string TypeOf(EsfType type, SortedDictionary<string, EnumDefinition> enums, ref RecordDefinition? record)
    {
        switch (type.Kind)
        {
            case EsfTypeKind.Enum:
                enums[type.Enumeration!.Name] = type.Enumeration;
                return type.Enumeration.Name;
            case EsfTypeKind.Object:
                record = type.Record;
                return "object";
            case EsfTypeKind.Array:
                return "array(" + TypeOf(type.Element!, enums, ref record) + ")";
            case EsfTypeKind.Map:
                return "map(" + TypeOf(type.Key!, enums, ref record) + ", " + TypeOf(type.Element!, enums, ref record) + ")";
            default:
                return type.ToString();
        }
    }
}
