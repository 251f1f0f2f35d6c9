using System.Text.Json;

namespace Estream.Host.Http;

/// <summary>The shapes of answers that all endpoints share.</summary>
internal static class Answer
{
    public const string JsonType = "application/json; charset=utf-8";

    /// <summary><c>{"error":"…"}</c> with the status already set on the response.</summary>
    public static Task ErrorAsync(HttpContext context, string message)
    {
        context.Response.ContentType = JsonType;
        return context.Response.WriteAsync($"{{\"error\":{JsonSerializer.Serialize(message, ApiJson.Default.String)}}}",
            context.RequestAborted);
    }

    /// <summary>Sets the status and writes the error.</summary>
    public static Task ErrorAsync(HttpContext context, int statusCode, string message)
    {
        context.Response.StatusCode = statusCode;
        return ErrorAsync(context, message);
    }
}
