using Estream.Crypto;
using Estream.Host.Metrics;

namespace Estream.Host.Http;

/// <summary><c>GET /metrics</c>: all metrics of the process in the Prometheus text format.</summary>
internal static class MetricsEndpoint
{
    public static void MapMetrics(this IEndpointRouteBuilder app) =>
        app.MapGet("/metrics", static (HttpContext context, MetricRegistry metrics) =>
        {
            context.Response.ContentType = PrometheusWriter.ContentType;
            return context.Response.WriteAsync(metrics.Render(), context.RequestAborted);
        }).For(AccessRole.Metrics);
}
