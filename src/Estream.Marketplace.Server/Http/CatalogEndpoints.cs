using System.Threading.RateLimiting;
using Estream.Marketplace.Server.Catalog;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Estream.Marketplace.Server.Http;

/// <summary>The public catalogue: categories, items and one item.</summary>
internal sealed class CatalogEndpoints(MarketplaceServer server)
{
    private const int ReadsAtOnce = 32;
    private const int WaitingReads = 512;

    private static readonly DateTimeOffset s_sunset = new(2027, 12, 31, 0, 0, 0, TimeSpan.Zero);

    private readonly ConcurrencyLimiter _gate = RequestGate.Create(ReadsAtOnce, WaitingReads);

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(MarketplaceEndpoints.Api + "/categories", Categories).WithName("ListCategories")
            .Produces<CategoryList>().Produces(304).Fails(429, 503);
        app.MapGet(MarketplaceEndpoints.Api + "/{category}/items", Items).WithName("ListItems")
            .Produces<ItemPage>().Produces(304).Fails(400, 404, 429, 503);
        app.MapGet(MarketplaceEndpoints.Api + "/{category}/items/{slug}", Item).WithName("GetItem")
            .Produces<ItemDetail>().Produces(304).Fails(404, 429, 503);
        app.MapGet(MarketplaceEndpoints.Api + "/skills", Legacy).WithName("LegacySkills").Produces(308).Fails(429);
        app.MapGet(MarketplaceEndpoints.Api + "/skills/{slug:regex(^(?!items$))}", Legacy).WithName("LegacySkill").Produces(308).Fails(429);
    }

    private Task<IResult> Categories(CancellationToken cancellation) => ReadAsync(
        () => new TaggedJson<CategoryList>(new CategoryList(server.Catalog.Categories())), cancellation);

    private Task<IResult> Items(HttpContext context, string category, [FromQuery] string? q, [FromQuery] string? tier,
        [FromQuery] string? author, [FromQuery] string? license, [FromQuery] string? sort, [FromQuery] string? limit,
        [FromQuery] string? cursor, CancellationToken cancellation) => ReadAsync(
        () =>
        {
            // The parser sees all parameters, so that it refuses unknown and repeated ones.
            _ = (q, tier, author, license, sort, limit, cursor);
            if (server.Catalog.Find(category) is null)
            {
                return NoCategory();
            }

            IEnumerable<KeyValuePair<string, string>> parameters = context.Request.Query
                .SelectMany(pair => pair.Value.Select(value => KeyValuePair.Create(pair.Key, value ?? "")));
            if (!ItemQuery.TryParse(category, parameters, out ItemQuery? query, out string? fault))
            {
                return Problem.Of(400, "invalid_parameter", fault);
            }

            ItemPage page = server.Catalog.List(category, query);
            if (page.Next is { } next)
            {
                QueryString rest = QueryString.Create(parameters.Where(pair => pair.Key != "cursor")
                    .Append(KeyValuePair.Create("cursor", next)).Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)));
                context.Response.Headers.Link = $"<{context.Request.Path.ToUriComponent()}{rest.ToUriComponent()}>; rel=\"next\"";
            }

            return new TaggedJson<ItemPage>(page);
        },
        cancellation);

    private Task<IResult> Item(string category, string slug, CancellationToken cancellation) => ReadAsync(
        () => server.Catalog.Find(category) is null ? NoCategory()
            : Slug.TryParse(slug, out _) && server.Catalog.Find(category, slug) is { } item ? new TaggedJson<ItemDetail>(item)
            : Problem.Of(404, "item_not_found", "The category has no item with this slug."),
        cancellation);

    private static Problem NoCategory() =>
        Problem.Of(404, "category_not_found",
            "The server does not know this category. The categories are at /api/v1/marketplace/categories.");

    private static IResult Legacy(HttpContext context, string? slug)
    {
        context.Response.Headers["Deprecation"] = "@1764547200";
        context.Response.Headers["Sunset"] = s_sunset.ToString("R");
        context.Response.Headers.Location = MarketplaceEndpoints.Api + "/skills/items"
            + (slug is null ? "" : "/" + Uri.EscapeDataString(slug));
        return Results.StatusCode(308);
    }

    private async Task<IResult> ReadAsync(Func<IResult> read, CancellationToken cancellation)
    {
        using RateLimitLease permit = await _gate.AcquireAsync(1, cancellation).ConfigureAwait(false);
        return !permit.IsAcquired ? Problem.Of(503, "busy", "Too many requests are waiting.") : read();
    }
}
