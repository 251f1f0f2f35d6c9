using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

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

        context.Response.ContentType = Answer.JsonType;
        context.Response.ContentLength = buffer.WrittenCount;
        await context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted).ConfigureAwait(false);
    }
}
