using System.Globalization;
using System.Text;

namespace Estream.Esf.Schema;

/// <summary>
/// Writes the canonical text of a schema: exactly the properties that determine the bytes of a message and the readers of its values.
/// Descriptions, lattice, path, retention and the order of definitions in the file are omitted, so changing them does not change the schema
/// id.
/// </summary>
internal static class CanonicalForm
{
    public const string Prefix = "esf1 ";

    public static string Write(MessageSchema schema)
    {
        StringBuilder text = new(Prefix);
        text.Append(schema.QualifiedName);
        AppendRecord(text, schema.Record);
        return text.ToString();
    }

    private static void AppendRecord(StringBuilder text, RecordDefinition record)
    {
        text.Append('{');
        for (int i = 0; i < record.Fields.Count; i++)
        {
            FieldDefinition field = record.Fields[i];
            text.Append(i == 0 ? "" : ",").Append(field.Name).Append(field.IsOptional ? "?:" : ":");
            AppendType(text, field.Type);
            text.Append(PrivacyOf(field.Privacy));
        }

        text.Append('}');
    }

    private static void AppendType(StringBuilder text, EsfType type)
    {
        switch (type.Kind)
        {
            case EsfTypeKind.String when type.MaxLength is int limit:
                text.Append("string(").Append(limit.ToString(CultureInfo.InvariantCulture)).Append(')');
                break;
            case EsfTypeKind.Enum:
                text.Append("enum ").Append(type.Enumeration!.Name).Append('{');
                text.Append(string.Join(",", type.Enumeration.Values)).Append('}');
                break;
            case EsfTypeKind.Object:
                text.Append("object");
                AppendRecord(text, type.Record!);
                break;
            case EsfTypeKind.Array:
                text.Append("array(");
                AppendType(text, type.Element!);
                text.Append(')');
                break;
            case EsfTypeKind.Map:
                text.Append("map(");
                AppendType(text, type.Key!);
                text.Append(',');
                AppendType(text, type.Element!);
                text.Append(')');
                break;
            default:
                text.Append(TypeNames.NameOf(type.Kind));
                break;
        }
    }

    /// <summary>Returns the privacy suffix of a field's type; empty for a field that is public for everyone.</summary>
    public static string PrivacyOf(PrivacyRule privacy)
    {
        if (privacy.DefaultLevel == PrivacyLevel.Public && privacy.Audiences.Count == 0)
        {
            return "";
        }

        string level = "@" + PrivacyNames.NameOf(privacy.DefaultLevel);
        IEnumerable<string> grants = privacy.Audiences
            .OrderBy(grant => grant.Audience, StringComparer.Ordinal)
            .Select(grant => grant.Audience + "=" + PrivacyNames.NameOf(grant.Level));
        string audiences = privacy.Audiences.Count == 0 ? "" : "[" + string.Join(",", grants) + "]";
        return level + audiences + (privacy.SubLex is null ? "" : "/" + privacy.SubLex);
    }
}
