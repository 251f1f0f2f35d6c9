using System.Buffers;
using System.Text.Json;
using Estream.Esf;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>Which part of which statement a message is; one that was not cut is the first and the last of its own.</summary>
/// <param name="Definition">Name and version of the message; null where it has none.</param>
/// <param name="Ids">What all parts of a statement have in common, and no other statement has.</param>
/// <param name="Number">The number of the part, from 1; 0 where it cannot be one.</param>
/// <param name="IsLast">Whether no other part follows.</param>
internal readonly record struct StatementPart(string? Definition, string Ids, int Number, bool IsLast)
{
    /// <summary>What a message as JSON says of itself.</summary>
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

    /// <summary>What a message of ESF says of itself, private fields aside.</summary>
    /// <param name="schema">Its schema.</param>
    /// <param name="message">The message.</param>
    /// <param name="json">Room for it as JSON; empty again afterwards.</param>
    /// <param name="part">What it says.</param>
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
