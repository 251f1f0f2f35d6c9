using System.Buffers;
using System.Text.Json;
using Estream.Esf;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>Identifies a message as a part of a statement. A message that was not split is the first and last part of its own
/// statement.</summary>
/// <param name="Definition">The name and version of the message; null if it has none.</param>
/// <param name="Ids">The identification that all parts of a statement share, and no other statement has.</param>
/// <param name="Number">The number of the part, from 1; 0 if it is invalid.</param>
/// <param name="IsLast">Whether this is the last part.</param>
internal readonly record struct StatementPart(string? Definition, string Ids, int Number, bool IsLast)
{
    /// <summary>Reads the identification from a message as JSON.</summary>
    public static StatementPart Of(JsonElement message)
    {
        int number = 1;
        bool isLast = true;
        if (message.TryGetProperty("part"u8, out JsonElement part))
        {
            number = part.GetProperty("number"u8).TryGetInt32(out int given) ? given : 0;
            isLast = part.GetProperty("is_last"u8).GetBoolean();
        }

        string ids = $"{TextOf(message, "message_id")}\n{TextOf(message, "statement_id")}\n{TextOf(message, "report_id")}";
        return new StatementPart(TextOf(message, "message_definition"), ids, number, isLast);
    }

    /// <summary>Reads the identification from an ESF message, without private fields.</summary>
    /// <param name="schema">The schema of the message.</param>
    /// <param name="message">The message.</param>
    /// <param name="json">An empty buffer for its JSON; empty again afterwards.</param>
    /// <param name="part">The identification.</param>
    public static EsfStatus TryRead(EsfSchema schema, ReadOnlySpan<byte> message, ArrayBufferWriter<byte> json, out StatementPart part)
    {
        part = default;
        EsfStatus status = EsfJson.WriteJson(schema, message, json);
        if (status.IsOk)
        {
            using JsonDocument document = JsonDocument.Parse(json.WrittenMemory);
            part = Of(document.RootElement);
        }

        json.ResetWrittenCount();
        return status;
    }

    private static string? TextOf(JsonElement message, string member) =>
        message.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
