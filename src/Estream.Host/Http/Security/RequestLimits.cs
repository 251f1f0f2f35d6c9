using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
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

    /// <summary>The maximum number of waiting requests. They use neither a thread nor a response buffer.</summary>
    public const int WaitingRequests = 64;

    private const int MinBytesPerSecond = 64 * 1024;
    private const int MaxConnectionCount = 512;
    private const int MaxHeaderBytes = 16 * 1024;
    private const int MaxRequestLineBytes = 4 * 1024;

    public static void Configure(KestrelServerLimits limits)
    {
        limits.MaxConcurrentConnections = MaxConnectionCount;
        limits.MaxRequestBodySize = 0;
        limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        limits.MaxRequestLineSize = MaxRequestLineBytes;
        limits.MaxRequestHeaderCount = 64;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.MinResponseDataRate = new MinDataRate(MinBytesPerSecond, TimeSpan.FromSeconds(5));
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
    }

    public static void Configure(RateLimiterOptions options)
    {
        options.OnRejected = static async (rejected, cancellation) =>
        {
            HttpContext context = rejected.HttpContext;
            context.Response.Headers.RetryAfter = "1";
            bool isRate = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out _);
            context.Response.StatusCode = isRate ? StatusCodes.Status429TooManyRequests : StatusCodes.Status503ServiceUnavailable;
            string reason = isRate
                ? $"More than {RequestsPerSecond} requests per second."
                : $"{WaitingRequests} requests are already waiting, the maximum.";
            await Answer.ErrorAsync(context, $"{reason} Retry in a second.").ConfigureAwait(false);
        };
        options.GlobalLimiter = PartitionedRateLimiter.CreateChained(RateOfEachClient(), AnswersOfTheApi());
    }

    private static PartitionedRateLimiter<HttpContext> RateOfEachClient() => PartitionedRateLimiter.Create<HttpContext, string>(context =>
        RateLimitPartition.GetTokenBucketLimiter(
            context.Connection.RemoteIpAddress?.ToString() ?? "",
            static _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = BurstRequests,
                TokensPerPeriod = RequestsPerSecond,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                QueueLimit = 0,
            }));

    /// <summary>Limits concurrent API responses. Event streams and client connections last long and have their own limits.</summary>
    private static PartitionedRateLimiter<HttpContext> AnswersOfTheApi() => PartitionedRateLimiter.Create<HttpContext, bool>(context =>
        context.Request.Path.StartsWithSegments("/api") && !context.Request.Path.StartsWithSegments("/api/events")
            && !context.Request.Path.StartsWithSegments("/api/client")
            ? RateLimitPartition.GetConcurrencyLimiter(
                true,
                static _ => new ConcurrencyLimiterOptions
                {
                    PermitLimit = AnswersAtOnce,
                    QueueLimit = WaitingRequests,
                    QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
                })
            : RateLimitPartition.GetNoLimiter(false));
}
