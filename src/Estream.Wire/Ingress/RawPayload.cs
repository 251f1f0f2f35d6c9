using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Estream.Core;
using Estream.Esf;
using Estream.Esf.Schema;

namespace Estream.Wire;

/// <summary>
/// Converts a raw payload to the equivalent JSON object, and adds the arrival time to a JSON object, so that one encoder handles all
/// payloads. Reuses its buffers. Not thread-safe.
/// </summary>
internal sealed class RawPayload : IDisposable
{
    private static readonly SearchValues<byte> s_numberBytes = SearchValues.Create("0123456789+-.eE"u8);

    private const int KeptBytes = 64 * 1024;
    private const int MaxDigits = 20;

    private readonly IClock _clock;
    private readonly PooledBuffer _json = new();
    private readonly Utf8JsonWriter _writer;
    private bool _isDisposed;

    public RawPayload(IClock clock)
    {
        _clock = clock;
        _writer = new Utf8JsonWriter(_json, new JsonWriterOptions { SkipValidation = true });
    }

    /// <summary>The arrival time of the next messages, in nanoseconds since 1970-01-01 UTC; null for the time of the clock.</summary>
    public long? ReceivedAt { get; set; }

    /// <summary>The size of the buffer in bytes.</summary>
    public int Capacity => _json.Capacity;

    public static bool CanTake(EsfField field)
    {
        return field.Kind is EsfTypeKind.Bytes or EsfTypeKind.Bytes32 or EsfTypeKind.PqSignature or EsfTypeKind.String or EsfTypeKind.Bool
            || IsNumber(field.Kind);
    }

    public static bool IsTimestamp(EsfField field)
    {
        return field.Kind == EsfTypeKind.Timestamp;
    }

    /// <summary>Writes the field of the mapping, and the arrival time if the mapping has a field for it, as a JSON object. The object is
    /// valid until the next call.</summary>
    public TranslateStatus ToJson(TopicMapping mapping, ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> json)
    {
        json = default;
        EsfField field = mapping.Field!;
        _json.Clear();
        _writer.Reset(_json);
        _writer.WriteStartObject();
        if (mapping.ReceivedAt is { } time)
        {
            _writer.WriteNumber(time.Name, ArrivalNanos);
        }

        _writer.WritePropertyName(field.Name);
        TranslateStatus status = WriteValue(field.Kind, payload);
        if (status.IsOk)
        {
            _writer.WriteEndObject();
            _writer.Flush();
            json = _json.Written;
        }

        return status;
    }

    /// <summary>Adds the arrival time at the end of a JSON object, so that offsets of errors are those of the payload. The encoder refuses
    /// the result if the payload is not an object or has the field already. The result is valid until the next call.</summary>
    public ReadOnlySpan<byte> WithTime(EsfField time, ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<byte> members = payload.TrimEnd(" \t\r\n"u8);
        if (members is not [.., (byte)'}'])
        {
            return payload;
        }

        members = members[..^1];
        bool isEmpty = members.TrimEnd(" \t\r\n"u8) is [.., (byte)'{'];
        _json.Clear();
        _json.Write(members);
        _json.Write(isEmpty ? "\""u8 : ",\""u8);
        Encoding.UTF8.GetBytes(time.Name, _json);
        _json.Write("\":"u8);
        Span<byte> digits = _json.GetSpan(MaxDigits);
        _ = Utf8Formatter.TryFormat(ArrivalNanos, digits, out int length);
        _json.Advance(length);
        _json.Write("}"u8);
        return _json.Written;
    }

    /// <summary>Overwrites the last object and frees large buffers. Earlier results become invalid.</summary>
    public void Trim()
    {
        _json.Clear();
        if (_json.Capacity > KeptBytes)
        {
            _writer.Reset();
            _json.Dispose();
        }
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        // Discards the incomplete output, which would be flushed otherwise.
        _isDisposed = true;
        _writer.Reset();
        _writer.Dispose();
        _json.Dispose();
    }

    private long ArrivalNanos => ReceivedAt ?? _clock.CoarseUtcNanos;

    private static bool IsNumber(EsfTypeKind kind)
    {
        return kind is EsfTypeKind.U8 or EsfTypeKind.U16 or EsfTypeKind.U32 or EsfTypeKind.U64 or EsfTypeKind.I8 or EsfTypeKind.I16
            or EsfTypeKind.I32 or EsfTypeKind.I64 or EsfTypeKind.F32 or EsfTypeKind.F64 or EsfTypeKind.Timestamp;
    }

    private TranslateStatus WriteValue(EsfTypeKind kind, ReadOnlySpan<byte> payload)
    {
        if (kind == EsfTypeKind.String)
        {
            if (!Utf8.IsValid(payload))
            {
                return TranslateStatus.Unfit("the payload is not UTF-8 text");
            }

            _writer.WriteStringValue(payload);
            return TranslateStatus.Ok;
        }

        if (IsNumber(kind) || kind == EsfTypeKind.Bool)
        {
            return WritePlain(kind, payload.Trim(" \t\r\n"u8));
        }

        WriteHex(payload);
        return TranslateStatus.Ok;
    }

    private TranslateStatus WritePlain(EsfTypeKind kind, ReadOnlySpan<byte> text)
    {
        // Only these bytes are written unquoted, so a payload cannot add members.
        bool isPlain = kind == EsfTypeKind.Bool
            ? text.SequenceEqual("true"u8) || text.SequenceEqual("false"u8)
            : !text.IsEmpty && !text.ContainsAnyExcept(s_numberBytes);
        if (!isPlain)
        {
            return TranslateStatus.Unfit(kind == EsfTypeKind.Bool
                ? "the payload is not true or false" : "the payload is not a decimal number");
        }

        _writer.WriteRawValue(text, skipInputValidation: true);
        return TranslateStatus.Ok;
    }

    private void WriteHex(ReadOnlySpan<byte> payload)
    {
        byte[] hex = ArrayPool<byte>.Shared.Rent(payload.Length * 2);
        Convert.TryToHexStringLower(payload, hex, out int written);
        _writer.WriteStringValue(hex.AsSpan(0, written));
        ArrayPool<byte>.Shared.Return(hex);
    }
}
