using Estream.Host.Marketplaces;
using Estream.Marketplace.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Estream.Host.Http;

/// <summary>
/// The limits of HTTP requests. Serving the console must never slow down the data path, so every resource of a request is bounded.
/// </summary>
internal static class RequestLimits
{
    public const int BurstRequests = 400;
    public const int RequestsPerSecond = 100;

    /// <summary>The maximum number of API responses built or sent at the same time. Each may use some megabytes until the client has
    /// received it.</summary>
    public const int AnswersAtOnce = 3;

    /// <summary>The maximum number of changes made at the same time. Answers do not delay them.</summary>
    public const int ChangesAtOnce = 2;

    /// <summary>The maximum number of searches of queues that run at the same time. They last longer than other answers.</summary>
    public const int SearchesAtOnce = 2;

    /// <summary>The maximum number of waiting answers, and of waiting changes. One identity may have half of the places.</summary>
    public const int WaitingRequests = 64;

    /// <summary>The maximum number of waiting searches. One identity may have half of the places.</summary>
    public const int WaitingSearches = 16;

    private const int MinBytesPerSecond = 64 * 1024;
    private const int MaxConnectionCount = 512;
    private const int MaxHeaderBytes = 16 * 1024;
    private const int MaxRequestLineBytes = 4 * 1024;

    /// <param name="limits">The limits to set.</param>
    /// <param name="clientConnections">The maximum number of connections of remote clients, which the server accepts too.</param>
    public static void Configure(KestrelServerLimits limits, int clientConnections)
    {
        limits.MaxConcurrentConnections = MaxConnectionCount + clientConnections;
        limits.MaxRequestBodySize = 0;
        limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        limits.MaxRequestLineSize = MaxRequestLineBytes;
        limits.MaxRequestHeaderCount = 64;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.MinRequestBodyDataRate = new MinDataRate(MinBytesPerSecond, TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new MinDataRate(MinBytesPerSecond, TimeSpan.FromSeconds(5));
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
    }

    /// <summary>Adds the limit of requests per client to the pipeline.</summary>
    /// <param name="app">The application.</param>
    /// <param name="marketplace">The settings of the marketplace, whose addresses have limits of their own; null if there is none.</param>
    public static void UseRequestLimits(this WebApplication app, MarketplaceServerOptions? marketplace = null)
    {
        if (marketplace is not null)
        {
            app.UseMarketplaceLimits(marketplace);
        }

        ClientBuckets clients = new();
        _ = app.Use((context, next) => (marketplace is not null && MarketplaceLimits.Counts(context.Request.Path))
            || clients.TryTake(context.Connection.RemoteIpAddress)
            ? next(context)
            : RefuseAsync(context, StatusCodes.Status429TooManyRequests, $"More than {RequestsPerSecond} requests per second."));
    }

    /// <summary>Adds the limits of concurrent answers to the pipeline. The limits follow routing: the endpoint decides which limit applies,
    /// so the spelling of a path does not matter.</summary>
    public static void UseAnswerLimits(this WebApplication app)
    {
        // At least one permit of each class remains for other identities.
        AnswerPermits answers = new(AnswersAtOnce, AnswersAtOnce - 1, WaitingRequests);
        AnswerPermits changes = new(ChangesAtOnce, ChangesAtOnce - 1, WaitingRequests);
        AnswerPermits searches = new(SearchesAtOnce, SearchesAtOnce - 1, WaitingSearches);
        _ = app.Use((context, next) => context.GetEndpoint() is not RouteEndpoint endpoint || !IsAnswerOfApi(endpoint) ? next(context)
            : IsSearch(endpoint, context.Request) ? InvokeAsync(context, next, searches)
            : InvokeAsync(context, next,
                HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) ? answers : changes));
    }

    /// <summary>Counts the requests of an endpoint as searches.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="when">Selects the requests that count as searches; null for all.</param>
    public static TBuilder IsSearch<TBuilder>(this TBuilder endpoint, Func<HttpRequest, bool>? when = null)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new SearchLimit(when));

    /// <summary>Excludes an endpoint from the limits of concurrent answers, because its connections last long and have other limits.
    /// </summary>
    public static TBuilder HasOwnLimit<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new OwnLimit());

    private static async Task InvokeAsync(HttpContext context, RequestDelegate next, AnswerPermits permits)
    {
        string identity = RoleMiddleware.IdentityOf(context)?.Name ?? "";
        if (!await permits.TryRunAsync(identity, () => next(context), context.RequestAborted).ConfigureAwait(false))
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "Too many requests are waiting.").ConfigureAwait(false);
        }
    }

    private static bool IsAnswerOfApi(RouteEndpoint endpoint) =>
        endpoint.RoutePattern.RawText?.StartsWith("/api/", StringComparison.Ordinal) == true
        && endpoint.Metadata.GetMetadata<OwnLimit>() is null;

    private static bool IsSearch(RouteEndpoint endpoint, HttpRequest request) =>
        endpoint.Metadata.GetMetadata<SearchLimit>() is { } search && search.When?.Invoke(request) != false;

    private static async Task RefuseAsync(HttpContext context, int status, string reason)
    {
        AuditTrail.HasNoEffect(context);
        context.Response.Headers.RetryAfter = "1";
        context.Response.StatusCode = status;
        await Answer.ErrorAsync(context, $"{reason} Retry in a second.").ConfigureAwait(false);
    }

    private sealed record SearchLimit(Func<HttpRequest, bool>? When);

    private sealed record OwnLimit;
}
