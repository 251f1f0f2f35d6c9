using System.Threading.RateLimiting;
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
    public const int AnswersAtOnce = 4;

    /// <summary>The maximum number of searches of queues that run at the same time. They last longer than other answers.</summary>
    public const int SearchesAtOnce = 2;

    /// <summary>The maximum number of searches that wait.</summary>
    public const int WaitingSearches = 16;

    /// <summary>The maximum number of waiting requests. They use neither a thread nor a response buffer.</summary>
    public const int WaitingRequests = 64;

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
        limits.MinResponseDataRate = new MinDataRate(MinBytesPerSecond, TimeSpan.FromSeconds(5));
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
    }

    /// <summary>Adds the limits of requests per client and of concurrent answers to the pipeline.</summary>
    public static void UseRequestLimits(this WebApplication app)
    {
        ClientBuckets clients = new();
        ConcurrencyLimiter answers = Limiter(app, AnswersAtOnce, WaitingRequests);
        ConcurrencyLimiter searches = Limiter(app, SearchesAtOnce, WaitingSearches);
        _ = app.Use((context, next) => InvokeAsync(context, next, clients, IsSearch(context.Request) ? searches : answers));
    }

    private static ConcurrencyLimiter Limiter(WebApplication app, int atOnce, int waiting)
    {
        ConcurrencyLimiter limiter = new(new ConcurrencyLimiterOptions
        {
            PermitLimit = atOnce, QueueLimit = waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
        _ = app.Lifetime.ApplicationStopped.Register(limiter.Dispose);
        return limiter;
    }

    private static async Task InvokeAsync(HttpContext context, RequestDelegate next, ClientBuckets clients, ConcurrencyLimiter limiter)
    {
        if (!clients.TryTake(context.Connection.RemoteIpAddress))
        {
            await RefuseAsync(context, StatusCodes.Status429TooManyRequests, $"More than {RequestsPerSecond} requests per second.")
                .ConfigureAwait(false);
            return;
        }

        if (!IsAnswerOfApi(context.Request.Path))
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        using RateLimitLease lease = await limiter.AcquireAsync(cancellationToken: context.RequestAborted).ConfigureAwait(false);
        if (lease.IsAcquired)
        {
            await next(context).ConfigureAwait(false);
        }
        else
        {
            string reason = IsSearch(context.Request)
                ? $"{WaitingSearches} searches are already waiting, the maximum."
                : $"{WaitingRequests} requests are already waiting, the maximum.";
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, reason).ConfigureAwait(false);
        }
    }

    // Event streams and client connections last long and have their own limits.
    private static bool IsAnswerOfApi(PathString path) =>
        path.StartsWithSegments("/api") && !path.StartsWithSegments("/api/events") && !path.StartsWithSegments("/api/client");

    private static bool IsSearch(HttpRequest request) => IsQueueSearch(request)
        || (request.Path.StartsWithSegments("/api/maps", out PathString map) && request.Query.ContainsKey("key")
            && map.Value!.EndsWith("/history", StringComparison.OrdinalIgnoreCase));

    private static bool IsQueueSearch(HttpRequest request) => request.Path.StartsWithSegments("/api/queues", out PathString rest)
        && (rest.Value!.EndsWith("/export", StringComparison.OrdinalIgnoreCase)
            || (rest.Value.EndsWith("/messages", StringComparison.OrdinalIgnoreCase) && request.Query.ContainsKey("from")
                && !IsShort(request.Query)));

    // The newest messages without a filter take one step of a search.
    private static bool IsShort(IQueryCollection query) => query["from"].ToString().StartsWith("last:", StringComparison.Ordinal)
        && !query.ContainsKey("schema") && !query.ContainsKey("filter") && !query.ContainsKey("lattice") && !query.ContainsKey("path");

    private static async Task RefuseAsync(HttpContext context, int status, string reason)
    {
        context.Response.Headers.RetryAfter = "1";
        context.Response.StatusCode = status;
        await Answer.ErrorAsync(context, $"{reason} Retry in a second.").ConfigureAwait(false);
    }
}
