namespace Estream.Host.Http;

/// <summary>
/// Refuses what pages of other sites ask. They could not read the answer, but could have it made as often as they like, and use up what
/// this machine may ask. A link to the console works. Browsers say where a request comes from; programs say nothing and are served.
/// </summary>
internal static class CrossSiteRequests
{
    public static IApplicationBuilder UseCrossSiteRefusal(this IApplicationBuilder app) => app.Use((context, next) =>
        context.Request.Headers["Sec-Fetch-Site"] == "cross-site" && !IsLink(context.Request)
            ? Answer.ErrorAsync(context, StatusCodes.Status403Forbidden,
                "Pages of other sites are not answered. Open the console, or ask from a program.")
            : next(context));

    private static bool IsLink(HttpRequest request) => request.Headers["Sec-Fetch-Mode"] == "navigate" && HttpMethods.IsGet(request.Method)
        && !request.Path.StartsWithSegments("/api") && !request.Path.StartsWithSegments("/metrics");
}
