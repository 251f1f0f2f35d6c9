using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Estream.Host.Http;

/// <summary>
/// Builds a response completely before the first byte is sent, so a failure is an error status and not a truncated document. Every caller
/// bounds the size of its response.
/// </summary>
internal static class JsonBody
{
    private const int InitialBytes = 16 * 1024;

    /// <summary>The writer options. Non-ASCII letters are not escaped, because the response is declared as JSON and never interpreted as
    /// HTML.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task SendAsync(HttpContext context, Action<Utf8JsonWriter> write) => SendAsync(
        context,
        writer =>
        {
            write(writer);
            return Task.CompletedTask;
        });

    public static async Task SendAsync(HttpContext context, Func<Utf8JsonWriter, Task> write)
    {
        ArrayBufferWriter<byte> buffer = new(InitialBytes);
        using (Utf8JsonWriter writer = new(buffer, Options))
        {
            await write(writer).ConfigureAwait(false);
        }

        await SendAsync(context, buffer.WrittenMemory).ConfigureAwait(false);
    }

    /// <summary>Sends a value of a fixed type.</summary>
    public static Task SendAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type) =>
        SendAsync(context, JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <summary>Sends complete JSON, compressed if it is long.</summary>
    public static Task SendAsync(HttpContext context, ReadOnlyMemory<byte> json)
    {
        ReadOnlyMemory<byte> body = CompressedBody.Compress(context, json);
        context.Response.ContentType = Answer.JsonType;
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    /// <summary>Writes a number, or null.</summary>
    public static void WriteNumberOrNull(Utf8JsonWriter writer, ReadOnlySpan<byte> member, long? number)
    {
        if (number is { } value)
        {
            writer.WriteNumber(member, value);
        }
        else
        {
            writer.WriteNull(member);
        }
    }
}
