using System.Text;
using System.Text.Json;
using Estream.Crypto;
using Microsoft.AspNetCore.Http.Features;

namespace Estream.Host.Http;

/// <summary><c>GET /api/maps/{name}</c> and <c>/api/maps/{name}/{key}</c> return the newest message per key.</summary>
internal static class MapEndpoint
{
    private const int DefaultLimit = 200;
    private const int MaxLimit = 10_000;

    public static void MapMaps(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/maps/{name}", ListAsync).For(AccessRole.Viewer, checksScopes: true);
        app.MapGet("/api/maps/{name}/{**key}", OneAsync).For(AccessRole.Viewer, checksScopes: true);
    }

    private static Task ListAsync(HttpContext context, IHostView view, string name)
    {
        if (!view.Access.MayReadMap(RoleMiddleware.IdentityOf(context)!, name) || view.Map(name) is not { } map)
        {
            return UnknownMapAsync(context);
        }

        if (!QueryNumber.TryRead(context, "limit", DefaultLimit, MaxLimit, out int limit))
        {
            return QueryNumber.RefuseAsync(context, "limit", MaxLimit);
        }

        byte[] prefix = Encoding.UTF8.GetBytes(context.Request.Query["prefix"].ToString());
        return JsonBody.SendAsync(context, writer => map.WriteEntriesAsync(prefix, limit, writer, context.RequestAborted));
    }

    private static async Task OneAsync(HttpContext context, IHostView view, string name, string key)
    {
        if (!view.Access.MayReadMap(RoleMiddleware.IdentityOf(context)!, name) || view.Map(name) is not { } map)
        {
            await UnknownMapAsync(context).ConfigureAwait(false);
            return;
        }

        bool found = false;
        byte[] keyBytes = Encoding.UTF8.GetBytes(KeyOf(context, key));
        System.Buffers.ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            found = map.TryWriteEntry(keyBytes, writer);
        }

        if (!found)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status404NotFound, "The map has no entry with this key.").ConfigureAwait(false);
            return;
        }

        context.Response.ContentType = Answer.JsonType;
        await context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the decoded key. The server decodes everything in a path except <c>%2F</c>, so the routed value does not distinguish an
    /// encoded slash from a literal "%2F"; the raw request line does.
    /// </summary>
    private static string KeyOf(HttpContext context, string routed)
    {
        const int PartsBeforeTheKey = 4;
        if (!routed.Contains("%2F", StringComparison.OrdinalIgnoreCase))
        {
            return routed;
        }

        string target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        string[] parts = target.Split('?')[0].Split('/', PartsBeforeTheKey + 1);
        string meant = Uri.UnescapeDataString(parts[^1]);

        // The raw request line may have another form (an absolute URL, dots in the path); then use the routed value.
        return Slashed(meant) == Slashed(routed) ? meant : routed;

        static string Slashed(string text) => text.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
    }

    private static Task UnknownMapAsync(HttpContext context) =>
        Answer.ErrorAsync(context, StatusCodes.Status404NotFound, "There is no map with this name. /api/overview lists all maps.");
}
