using System.Globalization;
using System.Text.Json;
using Estream.Esf;

namespace Estream.Host.Runtime;

/// <summary>
/// Writes a message the way REST, events and the command line show it: where it lies, and its fields by its schema.
/// A message of another version of a schema is shown by the version the host has. One that cannot be shown keeps its place, with the reason
/// and the start of its bytes; not its bytes where somebody may have put private values there in clear. Thread-safe.
/// </summary>
/// <param name="schemas">The schemas there are.</param>
/// <param name="hidesUnknown">Whether a message of a schema that is not there, or of another version of one, may hold private
/// values.</param>
internal sealed class MessageJson(EsfSchemaSet schemas, bool hidesUnknown = false)
{
    private const int MaxShownPayloadBytes = 256;

    /// <summary>The members <c>position</c>, <c>sequence</c> and <c>time</c>, which every place shows.</summary>
    public static void WritePlace(Utf8JsonWriter writer, long position, long sequence, long time)
    {
        writer.WriteNumber("position"u8, position);
        writer.WriteNumber("sequence"u8, sequence);
        writer.WriteNumber("time"u8, time);
    }

    /// <summary>Chooses messages of the schemas there are.</summary>
    public EsfMessageFilter Filter(EsfAddressPattern? lattice, EsfAddressPattern? path) => new(schemas.Schemas, lattice, path);

    /// <summary>
    /// The members <c>schema</c> and <c>message</c>, which are always a text and an object, and <c>address</c> where the message has one. A
    /// message that cannot be shown has no fields; <c>error</c> says why and <c>bytes</c> how it begins, as the command line does. Where
    /// bytes may be private values in clear there are none, and <c>error</c> says how many there were.
    /// </summary>
    /// <param name="writer">Stands inside an object.</param>
    /// <param name="payload">A whole ESF message.</param>
    /// <param name="maxBytes">A longer message is not decoded.</param>
    public void WriteMessage(Utf8JsonWriter writer, ReadOnlySpan<byte> payload, int maxBytes)
    {
        if (!EsfMessageHeader.TryReadSchemaId(payload, out ulong id))
        {
            WriteUnshown(writer, "", payload, "shorter than the header of an ESF message", hidesUnknown);
        }
        else if (!schemas.TryGet(payload, out EsfSchema? schema))
        {
            WriteUnshown(writer, id.ToString("x16", CultureInfo.InvariantCulture), payload,
                "no schema with this id; add its file to Estream:Schemas", hidesUnknown);
        }
        else if (payload.Length > maxBytes)
        {
            WriteUnshown(writer, schema.Name, payload,
                string.Create(CultureInfo.InvariantCulture,
                    $"{payload.Length} bytes long, more than is shown here; estream tail shows it whole"), IsHidden(schema, id));
        }
        else if (EsfValidator.Check(schema, payload) is { IsOk: false } status)
        {
            WriteUnshown(writer, schema.Name, payload, $"not a whole {schema.Name}: {status}", IsHidden(schema, id));
        }
        else
        {
            writer.WriteString("schema"u8, schema.Name);
            writer.WritePropertyName("message"u8);
            EsfJson.WriteJson(schema, payload, writer);
            WriteAddress(writer, schema, payload);
        }
    }

    /// <summary>Whether the bytes of a message may be given away: no private value is among them in clear.</summary>
    public bool MayShowBytes(ReadOnlySpan<byte> payload) =>
        EsfMessageHeader.TryReadSchemaId(payload, out ulong id) && schemas.TryGet(payload, out EsfSchema? schema)
            ? !IsHidden(schema, id)
            : !hidesUnknown;

    // Another version than the one that is there may have private fields that this one has not.
    private bool IsHidden(EsfSchema schema, ulong id) => schema.IsProtected || (hidesUnknown && schema.Id != id);

    private static void WriteUnshown(Utf8JsonWriter writer, string schema, ReadOnlySpan<byte> payload, string error, bool isHidden)
    {
        if (isHidden)
        {
            WriteError(writer, schema, [],
                string.Create(CultureInfo.InvariantCulture,
                    $"{error} (its {payload.Length} bytes are not shown: they may be private values in clear)"));
            return;
        }

        WriteError(writer, schema, payload, error);
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
