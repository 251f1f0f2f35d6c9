using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Estream.Cli.Data;
using Estream.Esf;

namespace Estream.Cli.Output;

/// <summary>
/// Writes one message with its place as one JSON object. A message without a known schema, or one that contradicts it, keeps its place:
/// schema id and bytes in hexadecimal stand for the fields, with the reason.
/// </summary>
internal sealed class MessageJson(SchemaCatalog schemas)
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _fields = new();

    /// <summary>Writes the object, without a line break.</summary>
    /// <param name="destination">Takes the object.</param>
    /// <param name="place">Where the message stands.</param>
    /// <param name="message">The whole message.</param>
    /// <param name="key">The key where the message is a map's entry.</param>
    public void Write(IBufferWriter<byte> destination, in MessagePlace place, ReadOnlySpan<byte> message, string? key = null)
    {
        using Utf8JsonWriter json = new(destination, s_options);
        json.WriteStartObject();
        if (key is not null)
        {
            json.WriteString("key", key);
        }

        json.WriteNumber("position", place.Position);
        json.WriteNumber("sequence", place.Sequence);
        json.WriteNumber("time", place.Time);
        WriteMessage(json, message);
        json.WriteEndObject();
    }

    /// <summary>Writes schema and fields for people: "IoTTelemetry  {…}".</summary>
    public void WriteText(LineWriter destination, ReadOnlySpan<byte> message)
    {
        if (TryDecode(message, out string schema, out string reason))
        {
            destination.Write($"{schema}  ");
            destination.Buffer.Write(_fields.WrittenSpan);
        }
        else
        {
            destination.Write($"{(schema.Length > 0 ? schema : "-")}  {Convert.ToHexStringLower(message)}  ({reason})");
        }
    }

    private void WriteMessage(Utf8JsonWriter json, ReadOnlySpan<byte> message)
    {
        if (TryDecode(message, out string schema, out string reason))
        {
            json.WriteString("schema", schema);
            json.WritePropertyName("message");
            json.WriteRawValue(_fields.WrittenSpan, skipInputValidation: true);
            return;
        }

        json.WriteString("schema", schema);
        json.WriteString("bytes", Convert.ToHexStringLower(message));
        json.WriteString("error", reason);
    }

    // After a success the fields stand in the buffer. After a failure the schema is its id, or empty where there is not even that.
    private bool TryDecode(ReadOnlySpan<byte> message, out string schema, out string reason)
    {
        _fields.ResetWrittenCount();
        reason = "";
        if (!EsfMessageHeader.TryReadSchemaId(message, out ulong id))
        {
            schema = "";
            reason = "shorter than the header of an ESF message";
            return false;
        }

        schema = id.ToString("x16", CultureInfo.InvariantCulture);
        if (!schemas.Known.TryGet(id, out EsfSchema? known))
        {
            reason = "no schema with this id; give its file with --schema";
            return false;
        }

        EsfStatus status = EsfJson.WriteJson(known, message, _fields);
        if (!status.IsOk)
        {
            reason = $"not a whole {known.Name}: {status.Describe(message)}";
            return false;
        }

        schema = known.Name;
        return true;
    }
}
