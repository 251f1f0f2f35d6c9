namespace Estream.Host.Http;

/// <summary>
/// Refuses requests from pages of other sites. Such pages cannot read the response, but they could use up the request rate of this machine.
/// Links to the console work. Browsers declare the origin of a request; programs do not and are served.
/// </summary>
internal static class CrossSiteRequests
{
    public static IApplicationBuilder UseCrossSiteRefusal(this IApplicationBuilder app) => app.Use((context, next) =>
        context.Request.Headers["Sec-Fetch-Site"] == "cross-site" && !IsLink(context.Request)
            ? Answer.ErrorAsync(context, StatusCodes.Status403Forbidden,
                "Requests from pages of other sites are refused. Open the console, or send the request from a program.")
            : next(context));

    private static bool IsLink(HttpRequest request) => request.Headers["Sec-Fetch-Mode"] == "navigate" && HttpMethods.IsGet(request.Method)
        && !request.Path.StartsWithSegments("/api") && !request.Path.StartsWithSegments("/metrics");
}
