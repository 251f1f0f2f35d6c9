using System.Globalization;
using System.Text.Json;
using Estream.Esf;

namespace Estream.Host.Runtime;

/// <summary>
/// Writes a message the way REST, events and the command line show it: where it lies, and its fields by its schema.
/// A message that cannot be decoded is shown as the reason and the start of its bytes, never left out. Thread-safe.
/// </summary>
internal sealed class MessageJson(EsfSchemaSet schemas)
{
    private const int MaxShownPayloadBytes = 256;

    /// <summary>The members <c>position</c>, <c>sequence</c> and <c>time</c>, which every place shows.</summary>
    public static void WritePlace(Utf8JsonWriter writer, long position, long sequence, long time)
    {
        writer.WriteNumber("position"u8, position);
        writer.WriteNumber("sequence"u8, sequence);
        writer.WriteNumber("time"u8, time);
    }

    /// <summary>The members <c>schema</c> and <c>message</c>.</summary>
    /// <param name="writer">Stands inside an object.</param>
    /// <param name="payload">A whole ESF message.</param>
    /// <param name="maxBytes">A longer message is not decoded: its length is shown as <c>omittedBytes</c>.</param>
    public void WriteMessage(Utf8JsonWriter writer, ReadOnlySpan<byte> payload, int maxBytes)
    {
        if (!schemas.TryGet(payload, out EsfSchema? schema))
        {
            ulong id = EsfMessageHeader.TryReadSchemaId(payload, out ulong known) ? known : 0;
            writer.WriteNull("schema"u8);
            WriteUndecoded(writer, payload, string.Create(CultureInfo.InvariantCulture, $"no schema has the id {id:x16}"));
            return;
        }

        writer.WriteString("schema"u8, schema.Name);
        if (payload.Length > maxBytes)
        {
            writer.WriteNull("message"u8);
            writer.WriteNumber("omittedBytes"u8, payload.Length);
            return;
        }

        EsfStatus status = EsfValidator.Check(schema, payload);
        if (!status.IsOk)
        {
            WriteUndecoded(writer, payload, status.Describe(payload));
            return;
        }

        writer.WritePropertyName("message"u8);
        EsfJson.WriteJson(schema, payload, writer);
    }

    private static void WriteUndecoded(Utf8JsonWriter writer, ReadOnlySpan<byte> payload, string reason)
    {
        writer.WriteNull("message"u8);
        writer.WriteString("undecoded"u8, reason);
        writer.WriteString("payload"u8, Convert.ToHexStringLower(payload[..Math.Min(payload.Length, MaxShownPayloadBytes)]));
    }
}
