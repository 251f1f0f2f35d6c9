using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Estream.Host.Http;

/// <summary>Entity tags of versions. A request names a tag to skip an unchanged answer, or to change only a version it has read.</summary>
internal static class EntityTags
{
    private const int HashBytes = 16;

    /// <summary>Returns the tag of a content with its quotes.</summary>
    public static string Of(ReadOnlySpan<byte> content) =>
        $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, HashBytes))}\"";

    /// <summary>Sets the header <c>ETag</c>. If the request already has this version, sets the status 304.</summary>
    /// <param name="context">The request.</param>
    /// <param name="tag">The tag with its quotes.</param>
    /// <returns>True if the response is complete.</returns>
    public static bool IsUnchanged(HttpContext context, string tag)
    {
        context.Response.Headers.ETag = tag;
        if (!Names(context.Request.Headers.IfNoneMatch.ToString(), tag))
        {
            return false;
        }

        context.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }

    /// <summary>Returns the tag of the header <c>If-Match</c> with quotes, whether or not the request has them; null if there is
    /// none.</summary>
    public static string? Expected(HttpRequest request) =>
        request.Headers.IfMatch.ToString() is { Length: > 0 } header ? Normalize(header) : null;

    /// <summary>Whether the request must create something: <c>If-None-Match: *</c>.</summary>
    public static bool MustCreate(HttpRequest request) => request.Headers[HeaderNames.IfNoneMatch] == "*";

    private static bool Names(string header, string tag) => header == "*" || header.Split(',').Any(one => Normalize(one) == tag);

    // A proxy that compresses makes the tag of an answer weak.
    private static string Normalize(string tag)
    {
        string opaque = tag.Trim();
        return $"\"{(opaque.StartsWith("W/", StringComparison.Ordinal) ? opaque[2..] : opaque).Trim('"')}\"";
    }
}
