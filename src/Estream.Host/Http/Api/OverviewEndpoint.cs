namespace Estream.Host.Http;

/// <summary><c>GET /api/overview</c>: adapters, queues and maps at a glance.</summary>
internal static class OverviewEndpoint
{
    public static void MapOverview(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/overview", static (HttpContext context, IHostView view) =>
            context.Response.WriteAsJsonAsync(view.Overview, ApiJson.Default.Overview, Answer.JsonType, context.RequestAborted));
}
