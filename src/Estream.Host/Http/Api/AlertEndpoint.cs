using Estream.Crypto;
using Estream.Host.Runtime;

namespace Estream.Host.Http;

/// <summary><c>GET /api/alerts</c> returns the state of each alert rule; <c>GET /api/alerts/log?last=100</c> returns the newest changes,
/// oldest first, in the format of queue messages.</summary>
internal static class AlertEndpoint
{
    private const int DefaultCount = 100;
    private const int MaxCount = 1_000;

    public static void MapAlerts(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/alerts", static (HttpContext context, IHostView view) =>
        {
            Identity identity = RoleMiddleware.IdentityOf(context)!;
            AlertOverview[] alerts =
                [.. (view.Alerts?.Overviews ?? []).Where(alert => SeriesInfo.IsReadable(alert.Series, identity, view.Access))];
            return JsonBody.SendAsync(context, alerts, ApiJson.Default.AlertOverviewArray);
        }).For(AccessRole.Viewer, checksScopes: true);
        app.MapGet("/api/alerts/log", static (HttpContext context, IHostView view) =>
            QueryNumber.TryRead(context, "last", DefaultCount, MaxCount, out int count)
                ? JsonBody.SendAsync(context, writer =>
                {
                    if (view.Alerts?.Log is { } log)
                    {
                        log.WriteLast(count, default, writer);
                    }
                    else
                    {
                        writer.WriteStartArray();
                        writer.WriteEndArray();
                    }
                })
                : QueryNumber.RefuseAsync(context, "last", MaxCount)).For(AccessRole.Viewer);
    }
}

/// <summary>The state of an alert rule: <c>ok</c>, <c>pending</c> (wrong, but not for long enough), <c>firing</c> or <c>unknown</c> (the
/// series has no value). <paramref name="Comparison"/> is <c>above</c> or <c>below</c>; <paramref name="Since"/> is in milliseconds since
/// the Unix epoch, null before the first value.</summary>
internal sealed record AlertOverview(
    string Name, string Series, string Comparison, double Threshold, int ForSeconds, string Severity, string State, long? Since,
    double? Value, string Detail);

/// <summary>A firing or pending alert in <c>/health</c>.</summary>
internal sealed record AlertHealth(string Name, string State, string Severity, string Detail);
