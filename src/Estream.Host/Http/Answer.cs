using System.Text.Json;

namespace Estream.Host.Http;

/// <summary>Response formats shared by all endpoints.</summary>
internal static class Answer
{
    public const string JsonType = "application/json; charset=utf-8";

    /// <summary>Writes <c>{"error":"…"}</c>. The status must already be set on the response.</summary>
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
