using Estream.Host.Http;
using Estream.Marketplace.Server;
using Estream.Marketplace.Server.Http;

namespace Estream.Host.Marketplaces;

/// <summary>The limits of requests per client for the addresses of the marketplace: one for the registry's files, one for the
/// API.</summary>
internal static class MarketplaceLimits
{
    private const int BurstSeconds = 2;

    private static readonly PathString s_files = MarketplaceEndpoints.Files;
    private static readonly PathString[] s_api = ["/api/v1", "/cp/api/v1"];

    /// <summary>Whether a path has a limit of the marketplace.</summary>
    public static bool Counts(PathString path) => IsFile(path) || IsApi(path);

    /// <summary>Adds the limits to the pipeline.</summary>
    public static void UseMarketplaceLimits(this IApplicationBuilder app, MarketplaceServerOptions options)
    {
        ClientBuckets files = Buckets(options.FilesPerSecond);
        ClientBuckets api = Buckets(options.RequestsPerSecond);
        app.Use((context, next) => IsFile(context.Request.Path) ? LimitAsync(context, next, files, options.FilesPerSecond)
            : IsApi(context.Request.Path) ? LimitAsync(context, next, api, options.RequestsPerSecond)
            : next(context));
    }

    private static bool IsFile(PathString path) => path.StartsWithSegments(s_files);

    private static bool IsApi(PathString path) => s_api.Any(prefix => path.StartsWithSegments(prefix));

    private static ClientBuckets Buckets(int perSecond) => new(perSecond: perSecond, burst: perSecond * BurstSeconds);

    private static Task LimitAsync(HttpContext context, RequestDelegate next, ClientBuckets buckets, int perSecond)
    {
        if (buckets.TryTake(context.Connection.RemoteIpAddress))
        {
            return next(context);
        }

        AuditTrail.HasNoEffect(context);
        return Problem.Of(StatusCodes.Status429TooManyRequests, "too_many_requests",
            $"More than {perSecond} requests per second. Retry in a second.").ExecuteAsync(context);
    }
}
