using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Estream.Cli.Codec;
using Estream.Cli.Data;
using Estream.Esf;

namespace Estream.Cli.Output;

/// <summary>
/// Writes one message with its position as one JSON object. A message without a known schema, or one that does not match its schema, is
/// written without fields, but with the reason and its bytes in hexadecimal. The bytes are omitted if they may contain private values in
/// plaintext.
/// </summary>
/// <param name="schemas">The known schemas.</param>
/// <param name="opened">Decrypts private values; null to show none. The caller keeps ownership.</param>
internal sealed class MessageJson(SchemaCatalog schemas, UnsealedJson? opened = null) : IDisposable
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _fields = new();
    private readonly Utf8JsonWriter _json = new(Stream.Null, s_options);

    /// <summary>Writes the object, without a line break.</summary>
    /// <param name="destination">Receives the object.</param>
    /// <param name="place">The position of the message.</param>
    /// <param name="message">The whole message; <see langword="null"/> if it is not available.</param>
    /// <param name="key">The key of the map entry; null for a message of a queue.</param>
    /// <param name="reason">The reason if there is no message, or if it is not shown.</param>
    public void Write(IBufferWriter<byte> destination, in MessageLocation place, byte[]? message, string? key, string reason)
    {
        Begin(destination, place, key);
        if (message is null)
        {
            WriteError("", reason, []);
        }
        else
        {
            WriteMessage(message);
        }

        End();
    }

    /// <summary>Writes the object, without a line break.</summary>
    /// <param name="destination">Receives the object.</param>
    /// <param name="place">The position of the message.</param>
    /// <param name="message">The whole message.</param>
    public void Write(IBufferWriter<byte> destination, in MessageLocation place, ReadOnlySpan<byte> message)
    {
        Begin(destination, place, key: null);
        WriteMessage(message);
        End();
    }

    private void Begin(IBufferWriter<byte> destination, in MessageLocation place, string? key)
    {
        _json.Reset(destination);
        _json.WriteStartObject();
        if (key is not null)
        {
            _json.WriteString("key", key);
        }

        _json.WriteNumber("position", place.Position);
        _json.WriteNumber("sequence", place.Sequence);
        _json.WriteNumber("time", place.Time);
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.Flush();
    }

    /// <summary>Writes schema and fields as text: "IoTTelemetry {…}".</summary>
    public void WriteText(LineWriter destination, ReadOnlySpan<byte> message)
    {
        if (TryDecode(message, out string schema, out string reason))
        {
            destination.Write($"{schema}  ");
            destination.Buffer.Write(_fields.WrittenSpan);
        }
        else
        {
            string bytes = IsHidden(message, ref reason) ? "-" : Convert.ToHexStringLower(message);
            destination.Write($"{(schema.Length > 0 ? schema : "-")}  {bytes}  ({reason})");
        }
    }

    private void WriteMessage(ReadOnlySpan<byte> message)
    {
        if (TryDecode(message, out string schema, out string reason))
        {
            _json.WriteString("schema", schema);
            _json.WritePropertyName("message");
            _json.WriteRawValue(_fields.WrittenSpan, skipInputValidation: true);
            WriteAddress(message);
            return;
        }

        bool isHidden = IsHidden(message, ref reason);
        WriteError(schema, reason, isHidden ? [] : message);
    }

    // The writer may not have sealed the message. If its exact schema version is unknown, its private fields are unknown too.
    private bool IsHidden(ReadOnlySpan<byte> message, ref string reason)
    {
        bool isOwn = schemas.TryGet(message, out EsfSchema? known) && EsfMessageHeader.TryReadSchemaId(message, out ulong id)
            && known.Id == id;
        bool isHidden = known is { IsProtected: true } || (!isOwn && schemas.HasProtected);
        if (isHidden)
        {
            reason = string.Create(CultureInfo.InvariantCulture,
                $"{reason}; its {message.Length} bytes are not shown, because they may contain private values in plaintext");
        }

        return isHidden;
    }

    private void WriteAddress(ReadOnlySpan<byte> message)
    {
        Span<byte> address = stackalloc byte[EsfAddress.MaxLength];
        if (schemas.TryGet(message, out EsfSchema? known)
            && known.Address is { } form && form.TryFormat(message, address, out int written))
        {
            _json.WriteString("address", address[..written]);
        }
    }

    private void WriteError(string schema, string reason, ReadOnlySpan<byte> message)
    {
        _json.WriteString("schema", schema);
        _json.WriteStartObject("message");
        _json.WriteEndObject();
        _json.WriteString("error", reason);
        _json.WriteString("bytes", Convert.ToHexStringLower(message));
    }

    public void Dispose()
    {
        _json.Dispose();
    }

    // On success, _fields contains the JSON of the fields, and schema the schema name. On failure, schema contains the schema name, the
    // schema id if no schema has the id, or nothing if the message has no complete header.
    private bool TryDecode(ReadOnlySpan<byte> message, out string schema, out string reason)
    {
        _fields.ResetWrittenCount();
        reason = "";
        if (!EsfMessageHeader.TryReadSchemaId(message, out ulong id))
        {
            schema = "";
            reason = "shorter than an ESF message header";
            return false;
        }

        schema = id.ToString("x16", CultureInfo.InvariantCulture);
        if (!schemas.TryGet(message, out EsfSchema? known))
        {
            reason = "no schema has this id; add its file with --schema";
            return false;
        }

        schema = known.Name;
        EsfStatus status = opened is null ? EsfJson.WriteJson(known, message, _fields) : opened.Write(known, message, _fields);
        reason = status.IsOk ? "" : $"not a valid {known.Name}: {status.Describe(message)}";
        return status.IsOk;
    }
}

/// <summary>The position of a message and the time it was appended (nanoseconds since 1970 UTC).</summary>
internal readonly record struct MessageLocation(long Position, long Sequence, long Time)
{
    private const long NanosPerTick = 100;

    /// <summary>The time as text: UTC with milliseconds.</summary>
    public string TimeText
    {
        get
        {
            DateTime time = DateTime.UnixEpoch.AddTicks(Time / NanosPerTick);
            return time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
