using System.Globalization;
using System.Text;
using System.Text.Json;
using Estream.Cli.Codec;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Client;

namespace Estream.Cli.Commands.Remote;

/// <summary>Prints messages and values of a host: by their schema if it is known, otherwise as text or hexadecimal digits.</summary>
internal sealed class RemoteValues(CliContext context, IEnumerable<string> schemaFiles, bool isJson) : IDisposable
{
    private readonly SchemaCatalog _schemas = SchemaCatalog.Load(new DataFolder(context.DataFolder), schemaFiles);
    private readonly LineWriter _lines = new(context.Output);
    private MessageJson? _messages;

    public LineWriter Lines => _lines;

    public SchemaCatalog Schemas => _schemas;

    private MessageJson Messages => _messages ??= new MessageJson(_schemas);

    public void Print(RemoteMessage message)
    {
        MessageLocation place = new(message.Position, message.Sequence, message.Time);
        bool isKnown = _schemas.TryGet(message.Payload.Span, out _);
        if (isJson && isKnown)
        {
            Messages.Write(_lines.Buffer, place, message.Payload.Span);
        }
        else if (isJson)
        {
            _lines.WriteObject(json =>
            {
                json.WriteNumber("position", message.Position);
                json.WriteNumber("sequence", message.Sequence);
                json.WriteNumber("time", message.Time);
                WriteValue(json, message.Payload.Span);
            });
            _lines.Flush();
            return;
        }
        else
        {
            _lines.Write(string.Create(CultureInfo.InvariantCulture, $"{place.Sequence}  {place.TimeText}  "));
            WriteText(message.Payload.Span, isKnown);
        }

        _lines.EndLine();
        _lines.Flush();
    }

    public void Print(MapKey key, MapEntry? entry)
    {
        if (isJson)
        {
            _lines.WriteObject(json =>
            {
                json.WriteString("key", key.ToString());
                json.WriteNumber("version", entry?.Version ?? 0);
                if (entry is { } present)
                {
                    json.WriteNumber("expiresAt", present.ExpiresAt);
                    WriteValue(json, present.Value.Span);
                }
            });
        }
        else
        {
            _lines.Write(string.Create(CultureInfo.InvariantCulture, $"{key}  {entry?.Version ?? 0}  "));
            if (entry is { } present)
            {
                WriteText(present.Value.Span, _schemas.TryGet(present.Value.Span, out _));
            }
            else
            {
                _lines.Write("-");
            }

            _lines.EndLine();
        }

        _lines.Flush();
    }

    public void Dispose()
    {
        _messages?.Dispose();
        _lines.Dispose();
    }

    private void WriteText(ReadOnlySpan<byte> value, bool isKnown)
    {
        if (isKnown)
        {
            Messages.WriteText(_lines, value);
        }
        else
        {
            _lines.Write(TextOf(value) ?? Convert.ToHexStringLower(value));
        }
    }

    private static void WriteValue(Utf8JsonWriter json, ReadOnlySpan<byte> value)
    {
        if (TextOf(value) is { } text)
        {
            json.WriteString("text", text);
        }
        else
        {
            json.WriteString("bytes", Convert.ToHexStringLower(value));
        }
    }

    /// <summary>Returns bytes as text; null if they are not printable UTF-8.</summary>
    private static string? TextOf(ReadOnlySpan<byte> value)
    {
        try
        {
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(value);
            return text.Any(char.IsControl) ? null : text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
