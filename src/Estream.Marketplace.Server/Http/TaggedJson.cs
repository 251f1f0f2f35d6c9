using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Estream.Marketplace.Server.Http;

/// <summary>JSON with an entity tag. A request that has this version gets 304.</summary>
/// <param name="value">The value.</param>
internal sealed class TaggedJson<T>(T value) : IResult
{
    private const int TagBytes = 16;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(value, MarketplaceJson.Options);
        string tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, TagBytes))}\"";
        HttpResponse response = httpContext.Response;
        response.Headers.ETag = tag;
        response.Headers.CacheControl = "no-cache";
        if (httpContext.Request.Headers.IfNoneMatch.ToString().Split(',').Any(one => IsTag(one.Trim(), tag)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, httpContext.RequestAborted).ConfigureAwait(false);
    }

    private static bool IsTag(string text, string tag) =>
        text == "*" || (text.StartsWith("W/", StringComparison.Ordinal) ? text[2..] : text) == tag;
}
