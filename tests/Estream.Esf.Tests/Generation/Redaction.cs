using System.Text;
using System.Text.Json;
using Estream.Esf.Schema;

namespace Estream.Esf.Tests.Generation;

/// <summary>What a reader of some audiences is to see of a message, worked out from its JSON and the definitions alone.</summary>
public static class Redaction
{
    /// <summary>What stands for a withheld value.</summary>
    public const string Withheld = "{\"$withheld\":true}";

    /// <summary>The JSON a reader is to print.</summary>
    /// <param name="json">The whole message as the library prints it.</param>
    /// <param name="record">Its definition.</param>
    /// <param name="audiences">The audiences whose keys the reader has.</param>
    public static string Of(string json, RecordDefinition record, IReadOnlyCollection<string> audiences)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        StringBuilder text = new();
        AppendRecord(text, document.RootElement, record, audiences);
        return text.ToString();
    }

    private static void AppendRecord(StringBuilder text, JsonElement json, RecordDefinition record, IReadOnlyCollection<string> audiences)
    {
        text.Append('{');
        foreach (JsonProperty member in json.EnumerateObject())
        {
            FieldDefinition field = record.Fields[record.IndexOf(member.Name)];
            text.Append(text[^1] == '{' ? "" : ",").Append('"').Append(member.Name).Append("\":");
            if (field.IsPrivate && !field.Privacy.Readers.Intersect(audiences).Any())
            {
                text.Append(Withheld);
            }
            else
            {
                AppendValue(text, member.Value, field.Type, audiences);
            }
        }

        text.Append('}');
    }

    private static void AppendValue(StringBuilder text, JsonElement json, EsfType type, IReadOnlyCollection<string> audiences)
    {
        switch (type.Kind)
        {
            case EsfTypeKind.Object:
                AppendRecord(text, json, type.Record!, audiences);
                break;
            case EsfTypeKind.Array:
                text.Append('[');
                foreach (JsonElement item in json.EnumerateArray())
                {
                    text.Append(text[^1] == '[' ? "" : ",");
                    AppendValue(text, item, type.Element!, audiences);
                }

                text.Append(']');
                break;
            case EsfTypeKind.Map:
                text.Append('{');
                foreach (JsonProperty entry in json.EnumerateObject())
                {
                    text.Append(text[^1] == '{' ? "" : ",").Append(JsonGen.Quote(entry.Name)).Append(':');
                    AppendValue(text, entry.Value, type.Element!, audiences);
                }

                text.Append('}');
                break;
            default:
                text.Append(json.GetRawText());
                break;
        }
    }
}
