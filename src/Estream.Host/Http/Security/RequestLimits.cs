using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Estream.Host.Http;

/// <summary>
/// What one client may ask of the host. Serving the console must never take from the data path, so every
/// resource a request can hold has a ceiling.
/// </summary>
internal static class RequestLimits
{
    public const int BurstRequests = 400;
    public const int RequestsPerSecond = 100;

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
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
    }

    public static void Configure(RateLimiterOptions options)
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.OnRejected = static async (rejected, cancellation) =>
        {
            rejected.HttpContext.Response.Headers.RetryAfter = "1";
            await Answer.ErrorAsync(rejected.HttpContext, $"More than {RequestsPerSecond} requests per second. Ask again in a second.").ConfigureAwait(false);
        };
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
            RateLimitPartition.GetTokenBucketLimiter(
                context.Connection.RemoteIpAddress?.ToString() ?? "",
                static _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = BurstRequests,
                    TokensPerPeriod = RequestsPerSecond,
                    ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                    QueueLimit = 0,
                }));
    }
}
