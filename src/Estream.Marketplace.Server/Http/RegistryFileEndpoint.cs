using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Estream.Marketplace.Server.Http;

/// <summary>Serves the public files of the registry, which every client verifies by their signatures.</summary>
internal static class RegistryFileEndpoint
{
    private const int DigestDigits = 64;
    private const int MaxDepth = 12;

    /// <summary>Maps the files.</summary>
    /// <param name="app">The application.</param>
    /// <param name="folder">The public folder of the registry.</param>
    public static void Map(IEndpointRouteBuilder app, string folder)
    {
        string root = Path.GetFullPath(folder);
        app.MapMethods(MarketplaceEndpoints.Files + "/{**path}", [HttpMethods.Get, HttpMethods.Head],
            (HttpContext context, string? path) => Send(context, root, path)).ExcludeFromDescription();
    }

    /// <summary>Returns the segments of a path below the folder; null if the path could name anything else. Accepts any text.</summary>
    public static string[]? SegmentsOf(string? path)
    {
        string[] segments = (path ?? "").Split('/');
        return segments.Length <= MaxDepth && segments.All(IsSegment) ? segments : null;
    }

    /// <summary>Whether a file never changes, because its name contains the digest of its content.</summary>
    public static bool IsImmutable(IReadOnlyList<string> segments) =>
        segments[^1].Split('.').Any(part => part.Length == DigestDigits && part.All(char.IsAsciiHexDigitLower));

    private static IResult Send(HttpContext context, string root, string? path)
    {
        if (SegmentsOf(path) is not { } segments)
        {
            return Missing();
        }

        FileInfo file = new(Path.Combine([root, .. segments]));
        if (!file.Exists || file.LinkTarget is not null || segments is ["lock"])
        {
            return Missing();
        }

        context.Response.Headers.CacheControl = IsImmutable(segments) ? "public, max-age=31536000, immutable" : "no-cache";
        string tag = string.Create(CultureInfo.InvariantCulture, $"\"{file.Length:x}-{file.LastWriteTimeUtc.Ticks:x}\"");
        return Results.File(file.FullName, file.Extension == ".json" ? "application/json" : "application/octet-stream",
            lastModified: file.LastWriteTimeUtc, entityTag: new EntityTagHeaderValue(tag), enableRangeProcessing: true);
    }

    private static Problem Missing() => Problem.Of(404, "file_not_found", "The registry has no such file.");

    private static bool IsSegment(string segment) => segment.Length is > 0 and <= 200 && segment[0] != '.'
        && segment.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '@' or '_' or '.' or '+' or '-');
}
