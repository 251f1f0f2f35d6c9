using System.Buffers;
using System.Text;
using System.Text.Json;
using Estream.Core;
using Estream.Crypto;
using Estream.Host.Runtime;
using Microsoft.AspNetCore.Http.Features;

namespace Estream.Host.Http;

/// <summary>
/// <c>GET /api/maps?search=&amp;limit=200&amp;after=</c> lists all maps. <c>GET /api/maps/{name}?prefix=&amp;after=&amp;limit=200</c>
/// returns entries in order of their keys, <c>/api/maps/{name}/{key}</c> one entry, and <c>/api/maps/{name}/history?key=&amp;limit=50</c>
/// the messages of a key.
/// </summary>
internal static class MapEndpoint
{
    private const int DefaultLimit = 200;
    private const int MaxLimit = 10_000;
    private const int DefaultHistory = 50;
    private const int MaxHistory = 1_000;

    /// <summary>The maximum number of messages that are searched for the history of a key.</summary>
    private const long MaxSearched = 2_000_000;

    public static void MapMaps(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/maps", ListMapsAsync).For(AccessRole.Viewer, checksScopes: true);
        app.MapGet("/api/maps/{name}", ListAsync).For(AccessRole.Viewer, checksScopes: true);
        app.MapGet("/api/maps/{name}/{**key}", static (HttpContext context, IHostView view, string name, string key) =>
            IsHistory(context.Request)
                ? HistoryAsync(context, view, name)
                : OneAsync(context, view, name, key)).For(AccessRole.Viewer, checksScopes: true).IsSearch(IsHistory);
        app.MapMapChanges();
    }

    /// <summary>Finds a map that the caller may read; null if there is none.</summary>
    public static IMapView? Find(HttpContext context, IHostView view, string name) =>
        view.Access.MayReadMap(RoleMiddleware.IdentityOf(context)!, name) ? view.Map(name) : null;

    /// <summary>
    /// Returns the decoded key. The server decodes everything in a path except <c>%2F</c>, so the routed value does not distinguish an
    /// encoded slash from a literal "%2F"; the raw request line does.
    /// </summary>
    public static string KeyOf(HttpContext context, string routed)
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

    public static Task UnknownAsync(HttpContext context) =>
        Answer.ErrorAsync(context, StatusCodes.Status404NotFound, "There is no map with this name. /api/maps lists all maps.");

    private static bool IsHistory(HttpRequest request) => request.RouteValues["key"] is "history" && request.Query.ContainsKey("key");

    private static Task ListMapsAsync(HttpContext context, IHostView view)
    {
        if (!QueryNumber.TryRead(context, "limit", DefaultLimit, MaxLimit, out int limit))
        {
            return QueryNumber.RefuseAsync(context, "limit", MaxLimit);
        }

        Identity identity = RoleMiddleware.IdentityOf(context)!;
        string search = context.Request.Query["search"].ToString();
        string after = context.Request.Query["after"].ToString();
        string[] found =
        [
            .. view.MapNames.Where(name => view.Access.MayReadMap(identity, name)
                && name.Contains(search, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal),
        ];
        string[] rest = [.. found.Where(name => after.Length == 0 || string.CompareOrdinal(name, after) > 0).Take(limit + 1)];
        Dictionary<string, double> rates =
            view.Overview.Maps.ToDictionary(map => map.Name, map => map.RatePerSecond, StringComparer.Ordinal);
        MapRow[] rows = [.. rest.Take(limit).Select(name => RowOf(view, identity, name, rates.GetValueOrDefault(name))).OfType<MapRow>()];
        return JsonBody.SendAsync(context, new MapList(rows, found.Length, rest.Length > limit ? rest[limit - 1] : null),
            ApiJson.Default.MapList);
    }

    // A reload can remove a map between two steps.
    private static MapRow? RowOf(IHostView view, Identity identity, string name, double rate)
    {
        try
        {
            if (view.Map(name) is not { } map || map.Traits is not { } traits)
            {
                return null;
            }

            string? whyReadOnly = traits.WhyReadOnly ?? QueueAccess.WhyNotChange(identity, name);
            return new MapRow(name, traits.Owner, traits.Source, traits.Schema, traits.Key, map.Count, rate, whyReadOnly is null,
                whyReadOnly);
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    private static async Task ListAsync(HttpContext context, IHostView view, string name)
    {
        if (Find(context, view, name) is not { } map)
        {
            await UnknownAsync(context).ConfigureAwait(false);
            return;
        }

        if (!QueryNumber.TryRead(context, "limit", DefaultLimit, MaxLimit, out int limit))
        {
            await QueryNumber.RefuseAsync(context, "limit", MaxLimit).ConfigureAwait(false);
            return;
        }

        MapPageRequest page;
        try
        {
            page = new MapPageRequest(Encoding.UTF8.GetBytes(context.Request.Query["prefix"].ToString()),
                EntryKey.Parse(context.Request.Query["after"].ToString()), limit);
        }
        catch (FormatException)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, "after must be the member next of the previous page.")
                .ConfigureAwait(false);
            return;
        }

        try
        {
            await JsonBody.SendAsync(context, writer => map.WriteEntriesAsync(page, writer, context.RequestAborted)).ConfigureAwait(false);
        }
        catch (TimeoutException busy)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, busy.Message).ConfigureAwait(false);
        }
    }

    private static Task OneAsync(HttpContext context, IHostView view, string name, string key)
    {
        if (Find(context, view, name) is not { } map)
        {
            return UnknownAsync(context);
        }

        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            if (!map.TryWriteEntry(Encoding.UTF8.GetBytes(KeyOf(context, key)), writer))
            {
                return Answer.ErrorAsync(context, StatusCodes.Status404NotFound, "The map has no entry with this key.");
            }
        }

        return JsonBody.SendAsync(context, buffer.WrittenMemory);
    }

    private static async Task HistoryAsync(HttpContext context, IHostView view, string name)
    {
        if (Find(context, view, name) is not { } map)
        {
            await UnknownAsync(context).ConfigureAwait(false);
            return;
        }

        if (!QueryNumber.TryRead(context, "limit", DefaultHistory, MaxHistory, out int limit))
        {
            await QueryNumber.RefuseAsync(context, "limit", MaxHistory).ConfigureAwait(false);
            return;
        }

        Identity identity = RoleMiddleware.IdentityOf(context)!;
        if (map.Traits is { Owner: "queue", Source: var queue } && !view.Access.MayRead(identity, queue))
        {
            // The entry is one message. Its predecessors are messages of the queue.
            await Answer.ErrorAsync(context, StatusCodes.Status403Forbidden, QueueAccess.WhyNot(identity, "read", "queue", queue))
                .ConfigureAwait(false);
            return;
        }

        try
        {
            if (map.History(Encoding.UTF8.GetBytes(context.Request.Query["key"].ToString()), limit) is not { } search)
            {
                await Answer.ErrorAsync(context, StatusCodes.Status404NotFound, map.WhyNoHistory).ConfigureAwait(false);
                return;
            }

            ReadOnlyMemory<byte> json = await context.RequestServices.GetRequiredService<SearchRunner>()
                .CollectAsync(search, identity.Name, MaxSearched, context.RequestAborted).ConfigureAwait(false);
            await JsonBody.SendAsync(context, json).ConfigureAwait(false);
        }
        catch (EstreamException damaged)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status409Conflict, damaged.Message).ConfigureAwait(false);
        }
    }
}

/// <summary>One page of the maps. <paramref name="Total"/> counts the maps of all pages; <paramref name="Next"/> is the <c>after</c> of the
/// next page, null on the last page.</summary>
internal sealed record MapList(IReadOnlyList<MapRow> Maps, int Total, string? Next);

/// <summary>A map; see <see cref="MapTraits"/>. <paramref name="Writable"/> is also false if the scopes of the requester do not include
/// changes.</summary>
internal sealed record MapRow(string Name, string Owner, string Source, string Schema, string Key, long Entries, double RatePerSecond,
    bool Writable, string? WhyReadOnly);
