namespace Estream.Host.Http;

/// <summary>
/// Refuses what pages of other sites ask of the API. They could not read the answer, but on loopback they could have it made,
/// as often as they like. Browsers say where a request comes from; programs say nothing and are served.
/// </summary>
internal static class CrossSiteRequests
{
    public static IApplicationBuilder UseCrossSiteRefusal(this IApplicationBuilder app) => app.Use((context, next) =>
        context.Request.Path.StartsWithSegments("/api") && context.Request.Headers["Sec-Fetch-Site"] == "cross-site"
            ? Answer.ErrorAsync(context, StatusCodes.Status403Forbidden,
                "Pages of other sites are not answered. Open the console, or ask from a program.")
            : next(context));
}
