using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Estream.Esf;

namespace Estream.Host.Runtime;

/// <summary>
/// Writes a message in the JSON format of REST, events and the command line: its position, and its fields by its schema. A message of
/// another schema version is shown by the version of the host. A message that cannot be shown is written with its position, the reason and
/// the start of its bytes. The bytes are omitted if they may contain private values in plaintext. Thread-safe.
/// </summary>
internal sealed class MessageJson
{
    private const int MaxShownPayloadBytes = 256;

    private volatile Known _known;

    /// <param name="schemas">The known schemas.</param>
    /// <param name="hidesUnknown">Whether a message of an unknown schema or schema version may contain private values.</param>
    public MessageJson(EsfSchemaSet schemas, bool hidesUnknown = false) => Use(schemas, hidesUnknown);

    /// <summary>Whether a known schema has private fields.</summary>
    public bool HasProtected => _known.HasProtected;

    /// <summary>The known schemas.</summary>
    public EsfSchemaSet Schemas => _known.Schemas;

    /// <summary>Replaces the known schemas.</summary>
    /// <inheritdoc cref="MessageJson(EsfSchemaSet, bool)" path="/param"/>
    [MemberNotNull(nameof(_known))]
    public void Use(EsfSchemaSet schemas, bool hidesUnknown) =>
        _known = new Known(schemas, hidesUnknown, schemas.Schemas.Any(schema => schema.IsProtected));

    /// <summary>Writes the members <c>position</c>, <c>sequence</c> and <c>time</c>.</summary>
    public static void WritePlace(Utf8JsonWriter writer, long position, long sequence, long time)
    {
        writer.WriteNumber("position"u8, position);
        writer.WriteNumber("sequence"u8, sequence);
        writer.WriteNumber("time"u8, time);
    }

    /// <summary>Creates a filter for messages of the known schemas.</summary>
    public EsfMessageFilter Filter(EsfAddressPattern? lattice, EsfAddressPattern? path) => new(_known.Schemas.Schemas, lattice, path);

    /// <summary>
    /// Writes the members <c>schema</c> (always a string), <c>message</c> (always an object) and, if the message has an address,
    /// <c>address</c>. A message that cannot be shown has no fields; <c>error</c> contains the reason and <c>bytes</c> the start of the
    /// message, as on the command line. If the bytes may contain private values in plaintext, <c>bytes</c> is empty and <c>error</c>
    /// contains their number.
    /// </summary>
    /// <param name="writer">The writer, inside an object.</param>
    /// <param name="payload">A whole ESF message.</param>
    /// <param name="maxBytes">A longer message is not decoded.</param>
    public void WriteMessage(Utf8JsonWriter writer, ReadOnlySpan<byte> payload, int maxBytes)
    {
        Known known = _known;
        if (!EsfMessageHeader.TryReadSchemaId(payload, out ulong id))
        {
            WriteUnshown(writer, "", payload, "shorter than an ESF message header", known.HidesUnknown);
        }
        else if (!known.Schemas.TryGet(payload, out EsfSchema? schema))
        {
            WriteUnshown(writer, id.ToString("x16", CultureInfo.InvariantCulture), payload,
                "no schema has this id; add its file to Estream:Schemas", known.HidesUnknown);
        }
        else if (payload.Length > maxBytes)
        {
            WriteUnshown(writer, schema.Name, payload,
                string.Create(CultureInfo.InvariantCulture,
                    $"{payload.Length} bytes long, more than is shown here; 'estream tail' shows the whole message"),
                known.IsHidden(schema, id));
        }
        else if (EsfValidator.Check(schema, payload) is { IsOk: false } status)
        {
            WriteUnshown(writer, schema.Name, payload, $"not a valid {schema.Name}: {status}", known.IsHidden(schema, id));
        }
        else
        {
            writer.WriteString("schema"u8, schema.Name);
            writer.WritePropertyName("message"u8);
            EsfJson.WriteJson(schema, payload, writer);
            WriteAddress(writer, schema, payload);
        }
    }

    /// <summary>Whether the bytes of a message may be shown, because they contain no private value in plaintext.</summary>
    public bool MayShowBytes(ReadOnlySpan<byte> payload)
    {
        Known known = _known;
        return EsfMessageHeader.TryReadSchemaId(payload, out ulong id) && known.Schemas.TryGet(payload, out EsfSchema? schema)
            ? !known.IsHidden(schema, id)
            : !known.HidesUnknown;
    }

    private static void WriteUnshown(Utf8JsonWriter writer, string schema, ReadOnlySpan<byte> payload, string error, bool isHidden)
    {
        if (isHidden)
        {
            WriteError(writer, schema, [],
                string.Create(CultureInfo.InvariantCulture,
                    $"{error} (its {payload.Length} bytes are not shown, because they may contain private values in plaintext)"));
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

    /// <summary>Writes the members <c>schema</c>, an empty <c>message</c>, <c>error</c> and <c>bytes</c>.</summary>
    /// <param name="writer">The writer, inside an object.</param>
    /// <param name="schema">The name or id of the schema; empty if unknown.</param>
    /// <param name="payload">The bytes to show; only the start is written. Empty to show none.</param>
    /// <param name="error">Why the message is not shown.</param>
    public static void WriteError(Utf8JsonWriter writer, string schema, ReadOnlySpan<byte> payload, string error)
    {
        writer.WriteString("schema"u8, schema);
        writer.WriteStartObject("message"u8);
        writer.WriteEndObject();
        writer.WriteString("error"u8, error);
        writer.WriteString("bytes"u8, Convert.ToHexStringLower(payload[..Math.Min(payload.Length, MaxShownPayloadBytes)]));
    }

    private sealed record Known(EsfSchemaSet Schemas, bool HidesUnknown, bool HasProtected)
    {
        // An unknown version may have private fields that the known version does not have.
        public bool IsHidden(EsfSchema schema, ulong id) => schema.IsProtected || (HidesUnknown && schema.Id != id);
    }
}
