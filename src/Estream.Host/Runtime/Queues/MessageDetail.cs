using System.Buffers;
using System.Text.Json;
using Estream.Esf;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>Writes one message with its bytes, and with the message that a dead letter contains.</summary>
/// <param name="json">Decides which bytes may be shown.</param>
/// <param name="write">Writes the members of a message.</param>
internal sealed class MessageDetail(MessageJson json, WriteMembers write)
{
    private const int MaxShownBytes = 64 * 1024;

    /// <summary>Writes the members of a message into an open object.</summary>
    public void Write(in QueueMessage message, Utf8JsonWriter writer)
    {
        ReadOnlySpan<byte> payload = message.Payload;
        WriteDecoded(message, writer);
        writer.WriteNumber("length"u8, payload.Length);
        if (!json.MayShowBytes(payload))
        {
            return;
        }

        writer.WriteString("bytes"u8, Hex(payload));
        if (EsfSchemaSet.BuiltIn.TryGet(DeadLetterSink.SchemaName, out EsfSchema? schema) && schema.Matches(payload))
        {
            WriteLetter(DeadLetter.Read(schema, payload), writer);
        }
    }

    // A message that cannot be decoded has a shorter member bytes.
    private void WriteDecoded(in QueueMessage message, Utf8JsonWriter writer)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter inner = new(buffer))
        {
            inner.WriteStartObject();
            write(message, MessageBudget.Answer.MessageBytes, inner);
            inner.WriteEndObject();
        }

        using JsonDocument decoded = JsonDocument.Parse(buffer.WrittenMemory);
        foreach (JsonProperty member in decoded.RootElement.EnumerateObject().Where(member => !member.NameEquals("bytes"u8)))
        {
            member.WriteTo(writer);
        }
    }

    private static void WriteLetter(DeadLetter letter, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("deadLetter"u8);
        writer.WriteString("adapter"u8, letter.Source);
        writer.WriteString("topic"u8, letter.Topic);
        writer.WriteString("reason"u8, letter.Reason);
        writer.WriteNumber("receivedAt"u8, letter.ReceivedAt);
        writer.WriteString("originalBytes"u8, Hex(letter.Payload));
        writer.WriteNumber("originalLength"u8, letter.Payload.Length);
        writer.WriteString("incomplete"u8, letter.WhyIncomplete);
        writer.WriteEndObject();
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes[..Math.Min(bytes.Length, MaxShownBytes)]);
}
