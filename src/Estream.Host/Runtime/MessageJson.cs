using System.Globalization;
using System.Text.Json;
using Estream.Esf;

namespace Estream.Host.Runtime;

/// <summary>
/// Writes a message the way REST, events and the command line show it: where it lies, and its fields by its schema.
/// A message of another version of a schema is shown by the version the host has. One that cannot be shown keeps its place, with the reason and the start of its bytes. Thread-safe.
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

    /// <summary>
    /// The members <c>schema</c> and <c>message</c>, which are always a text and an object, and <c>address</c> where the message has one. A message that cannot be
    /// shown has no fields; <c>error</c> says why and <c>bytes</c> how it begins, as the command line does.
    /// </summary>
    /// <param name="writer">Stands inside an object.</param>
    /// <param name="payload">A whole ESF message.</param>
    /// <param name="maxBytes">A longer message is not decoded.</param>
    public void WriteMessage(Utf8JsonWriter writer, ReadOnlySpan<byte> payload, int maxBytes)
    {
        if (!EsfMessageHeader.TryReadSchemaId(payload, out ulong id))
        {
            WriteError(writer, "", payload, "shorter than the header of an ESF message");
        }
        else if (!schemas.TryGet(payload, out EsfSchema? schema))
        {
            WriteError(writer, id.ToString("x16", CultureInfo.InvariantCulture), payload, "no schema with this id; add its file to Estream:Schemas");
        }
        else if (payload.Length > maxBytes)
        {
            WriteError(writer, schema.Name, payload, string.Create(CultureInfo.InvariantCulture, $"{payload.Length} bytes long, more than is shown here; estream tail shows it whole"));
        }
        else if (EsfValidator.Check(schema, payload) is { IsOk: false } status)
        {
            WriteError(writer, schema.Name, payload, $"not a whole {schema.Name}: {status.Describe(payload)}");
        }
        else
        {
            writer.WriteString("schema"u8, schema.Name);
            writer.WritePropertyName("message"u8);
            EsfJson.WriteJson(schema, payload, writer);
            WriteAddress(writer, schema, payload);
        }
    }

    private static void WriteAddress(Utf8JsonWriter writer, EsfSchema schema, ReadOnlySpan<byte> payload)
    {
        Span<byte> address = stackalloc byte[EsfAddress.MaxLength];
        if (schema.Address is { } form && form.TryFormat(payload, address, out int written))
        {
            writer.WriteString("address"u8, address[..written]);
        }
    }

    /// <summary>The same members for a message that is not there any more.</summary>
    public static void WriteError(Utf8JsonWriter writer, string schema, ReadOnlySpan<byte> payload, string error)
    {
        writer.WriteString("schema"u8, schema);
        writer.WriteStartObject("message"u8);
        writer.WriteEndObject();
        writer.WriteString("error"u8, error);
        writer.WriteString("bytes"u8, Convert.ToHexStringLower(payload[..Math.Min(payload.Length, MaxShownPayloadBytes)]));
    }
}
