using Estream.Crypto;

namespace Estream.Host.Http;

/// <summary><c>GET /health</c> returns 200 when ready and 503 otherwise; the body contains status and reasons. <c>GET /health/live</c>
/// returns 200 while the process responds, so a supervisor that uses it does not restart the host because of one failed adapter.
/// <c>GET /api/health</c> returns the report with 200 in every state: a browser logs each 503 as an error of the page.</summary>
internal static class HealthEndpoint
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", static () => Results.Text("live\n")).For(AccessRole.None);
        app.MapGet("/health", static (HttpContext context, IHostView view) =>
        {
            HealthReport report = view.Health;
            context.Response.StatusCode = report.Status == HealthStatusText.Ready
                ? StatusCodes.Status200OK
                : StatusCodes.Status503ServiceUnavailable;
            return WriteAsync(context, report);
        }).For(AccessRole.None);
        app.MapGet("/api/health", static (HttpContext context, IHostView view) => WriteAsync(context, view.Health))
            .For(AccessRole.Viewer, checksScopes: true);
    }

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        bool isForAll = RoleMiddleware.IdentityOf(context) is not { Scopes.IsLimited: false };
        HealthReport shown = isForAll ? new HealthReport(report.Status, []) : report;
        return context.Response.WriteAsJsonAsync(shown, ApiJson.Default.HealthReport, Answer.JsonType, context.RequestAborted);
    }
}
