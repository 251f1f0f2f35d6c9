using System.Text;
using System.Text.Json;
using Estream.Esf.Schema;

namespace Estream.Esf.Tests.Generation;

/// <summary>Computes the JSON that a reader with the keys of some audiences must print, from the message's JSON and definition
/// only.</summary>
public static class Redaction
{
    /// <summary>The JSON of a withheld value.</summary>
    public const string Withheld = "{\"$withheld\":true}";

    /// <summary>Returns the JSON that a reader must print for a sealed message; card numbers are tokens of a
    /// <see cref="FakeVault"/>.</summary>
    /// <param name="json">The whole unsealed message, as the library prints it.</param>
    /// <param name="record">Its definition.</param>
    /// <param name="audiences">The audiences whose keys the reader has.</param>
    public static string Of(string json, RecordDefinition record, IReadOnlyCollection<string> audiences) =>
        Of(json, record, field => field.Privacy.Readers.Intersect(audiences).Any(), null, TokenOf);

    /// <summary>Returns the JSON that a reader with access to the vault must print.</summary>
    /// <param name="json">The whole unsealed message, as the library prints it.</param>
    /// <param name="record">Its definition.</param>
    /// <param name="audiences">The audiences whose keys the reader has.</param>
    public static string WithCards(string json, RecordDefinition record, IReadOnlyCollection<string> audiences) =>
        Of(json, record, field => field.Privacy.Readers.Intersect(audiences).Any(), null, card => card);

    /// <summary>Returns the JSON of an unsealed message without disclosure.</summary>
    /// <param name="json">The whole message as the library prints it.</param>
    /// <param name="record">Its definition.</param>
    public static string OfClear(string json, RecordDefinition record) => Of(json, record, _ => false, null, _ => Withheld);

    /// <summary>Returns the JSON that a reader must print for one part of a message.</summary>
    /// <param name="json">The whole message as the library prints it.</param>
    /// <param name="record">Its definition.</param>
    /// <param name="audiences">The audiences whose keys the reader has.</param>
    /// <param name="subLex">The sub-lex; null for the main part.</param>
    public static string OfPart(string json, RecordDefinition record, IReadOnlyCollection<string> audiences, string? subLex) =>
        Of(json, record, field => field.Privacy.SubLex == subLex && field.Privacy.Readers.Intersect(audiences).Any(),
            field => field.Privacy.Readers.Intersect(audiences).Any(), TokenOf);

    private static string Of(string json, RecordDefinition record, Func<FieldDefinition, bool> isSeen,
        Func<FieldDefinition, bool>? isSeenInside, Func<string, string> card)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        StringBuilder text = new();
        AppendRecord(text, document.RootElement, record, new PrivateVisibility(isSeen, isSeenInside ?? isSeen, card));
        return text.ToString();
    }

    private static void AppendRecord(StringBuilder text, JsonElement json, RecordDefinition record, PrivateVisibility sight)
    {
        text.Append('{');
        foreach (JsonProperty member in json.EnumerateObject())
        {
            FieldDefinition field = record.Fields[record.IndexOf(member.Name)];
            text.Append(text[^1] == '{' ? "" : ",").Append('"').Append(member.Name).Append("\":");
            if (field.IsPrivate && !sight.IsSeen(field))
            {
                text.Append(Withheld);
            }
            else if (field.IsTokenized)
            {
                text.Append(sight.Card(member.Value.GetRawText()));
            }
            else
            {
                AppendValue(text, member.Value, field.Type, field.IsPrivate ? sight.Inside : sight);
            }
        }

        text.Append('}');
    }

    private static void AppendValue(StringBuilder text, JsonElement json, EsfType type, PrivateVisibility sight)
    {
        switch (type.Kind)
        {
            case EsfTypeKind.Object:
                AppendRecord(text, json, type.Record!, sight);
                break;
            case EsfTypeKind.Array:
                text.Append('[');
                foreach (JsonElement item in json.EnumerateArray())
                {
                    text.Append(text[^1] == '[' ? "" : ",");
                    AppendValue(text, item, type.Element!, sight);
                }

                text.Append(']');
                break;
            case EsfTypeKind.Map:
                text.Append('{');
                foreach (JsonProperty entry in json.EnumerateObject())
                {
                    text.Append(text[^1] == '{' ? "" : ",").Append(JsonGen.Quote(entry.Name)).Append(':');
                    AppendValue(text, entry.Value, type.Element!, sight);
                }

                text.Append('}');
                break;
            default:
                text.Append(json.GetRawText());
                break;
        }
    }

    private static string TokenOf(string json)
    {
        string text = json.Trim('"');
        return EsfCardNumber.IsCard(Encoding.UTF8.GetBytes(text)) ? JsonGen.Quote(FakeVault.TokenOf(text)) : json;
    }

    /// <summary>Which private values are visible, which nested private values are visible, and how a card number is shown.</summary>
    private sealed record PrivateVisibility(Func<FieldDefinition, bool> IsSeen, Func<FieldDefinition, bool> IsSeenInside,
        Func<string, string> Card)
    {
        public PrivateVisibility Inside => new(IsSeenInside, IsSeenInside, Card);
    }
}
