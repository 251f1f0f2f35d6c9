using System.Text;
using System.Text.Json;
using Estream.Esf.Schema;

namespace Estream.Esf.Tests.Generation;

/// <summary>
/// Computes the JSON that a reader of one version must print for a message of another version, from the writer's JSON and the two
/// definitions only. Members unknown to the reader are omitted, and enum values unknown to the reader are ordinals.
/// </summary>
public static class CommonPart
{
    /// <summary>Returns the JSON that a reader must print.</summary>
    /// <param name="json">The message as printed by the writer's version.</param>
    /// <param name="written">The writer's version.</param>
    /// <param name="read">The reader's version.</param>
    /// <param name="numbersEnums">True if an enum value is written as its ordinal; such JSON cannot be encoded again.</param>
    public static string Of(string json, RecordDefinition written, RecordDefinition read, out bool numbersEnums)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        StringBuilder text = new();
        numbersEnums = false;
        AppendRecord(text, document.RootElement, written, read, ref numbersEnums);
        return text.ToString();
    }

    private static void AppendRecord(StringBuilder text, JsonElement json, RecordDefinition written, RecordDefinition read,
        ref bool numbersEnums)
    {
        string separator = "{";
        foreach (JsonProperty member in json.EnumerateObject())
        {
            int index = read.IndexOf(member.Name);
            if (index >= 0)
            {
                text.Append(separator).Append('"').Append(member.Name).Append("\":");
                AppendValue(text, member.Value, written.Fields[index].Type, read.Fields[index].Type, ref numbersEnums);
                separator = ",";
            }
        }

        text.Append(separator == "{" ? "{}" : "}");
    }

    private static void AppendValue(StringBuilder text, JsonElement json, EsfType written, EsfType read, ref bool numbersEnums)
    {
        switch (read.Kind)
        {
            case EsfTypeKind.Object:
                AppendRecord(text, json, written.Record!, read.Record!, ref numbersEnums);
                break;
            case EsfTypeKind.Array:
                string beforeItem = "[";
                foreach (JsonElement item in json.EnumerateArray())
                {
                    text.Append(beforeItem);
                    AppendValue(text, item, written.Element!, read.Element!, ref numbersEnums);
                    beforeItem = ",";
                }

                text.Append(beforeItem == "[" ? "[]" : "]");
                break;
            case EsfTypeKind.Map:
                string beforeEntry = "{";
                foreach (JsonProperty entry in json.EnumerateObject())
                {
                    string key = entry.Name;
                    bool isNumbered = read.Key!.Kind == EsfTypeKind.Enum && NameOf(key, written.Key!, read.Key) is null;
                    numbersEnums |= isNumbered;
                    text.Append(beforeEntry).Append(isNumbered ? $"\"{OrdinalOf(key, written.Key!)}\"" : JsonGen.Quote(key)).Append(':');
                    AppendValue(text, entry.Value, written.Element!, read.Element!, ref numbersEnums);
                    beforeEntry = ",";
                }

                text.Append(beforeEntry == "{" ? "{}" : "}");
                break;
            case EsfTypeKind.Enum when NameOf(json.GetString()!, written, read) is null:
                numbersEnums = true;
                text.Append(OrdinalOf(json.GetString()!, written));
                break;
            default:
                text.Append(json.GetRawText());
                break;
        }
    }

    private static string? NameOf(string name, EsfType written, EsfType read) =>
        OrdinalOf(name, written) < read.Enumeration!.Values.Count ? name : null;

    private static int OrdinalOf(string name, EsfType type) => type.Enumeration!.Values.ToList().IndexOf(name);
}
