using Estream.Host.Runtime;
using Estream.Wire;

namespace Estream.Host.Http;

/// <summary>Records every request that would change state, including refused requests. Refused requests are limited per minute, so they
/// cannot fill the queue.</summary>
internal static class AuditTrail
{
    private const int RefusedPerMinute = 30;

    private static readonly object s_detail = new();

    /// <summary>Sets the details that the audit record of a request contains in addition to the HTTP status.</summary>
    /// <param name="context">The request.</param>
    /// <param name="details">The first text, and the texts of further records.</param>
    public static void Describe(HttpContext context, params IReadOnlyList<string> details) => context.Items[s_detail] = details;

    /// <summary>Adds the middleware. It must follow routing and precede all middleware that refuses requests.</summary>
    public static IApplicationBuilder UseAuditTrail(this IApplicationBuilder app, TimeProvider time)
    {
        RefusalBudget budget = new(RefusedPerMinute, time);
        return app.Use((context, next) =>
            HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)
                || context.GetEndpoint() is not RouteEndpoint endpoint
                || context.RequestServices.GetService<HostState>()?.Parts?.Audit is not { } audit
                ? next(context)
                : RecordAsync(context, next, endpoint, audit, budget));
    }

    private static async Task RecordAsync(HttpContext context, RequestDelegate next, RouteEndpoint endpoint, AuditRuntime audit,
        RefusalBudget budget)
    {
        int status = StatusCodes.Status500InternalServerError;
        try
        {
            await next(context).ConfigureAwait(false);
            status = context.Response.StatusCode;
        }
        finally
        {
            AuditOutcome outcome = status switch
            {
                >= 200 and < 300 => AuditOutcome.Done,
                StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden => AuditOutcome.Refused,
                _ => AuditOutcome.Failed,
            };
            int unrecorded = 0;
            if (outcome != AuditOutcome.Refused || budget.TryTake(out unrecorded))
            {
                Identity? identity = RoleMiddleware.IdentityOf(context);
                string action = $"{context.Request.Method} {endpoint.RoutePattern.RawText}";
                IReadOnlyList<string> details = context.Items[s_detail] as IReadOnlyList<string> ?? [];
                AuditRecord record = new(identity?.Name ?? "nobody", action, outcome)
                {
                    Role = identity is null ? "" : RoleMiddleware.NameOf(identity.Role),
                    Origin = HttpListeners.Of(context) == Listener.Socket ? "socket" : $"{context.Connection.RemoteIpAddress}",
                    Target = $"{context.Request.Path}{context.Request.QueryString}",
                    Detail = $"HTTP {status}" + (details.Count > 0 ? $"; {details[0]}" : "")
                        + (unrecorded > 0 ? $"; {unrecorded} earlier refused requests were not recorded" : ""),
                };
                audit.Record(record);
                foreach (string detail in details.Skip(1))
                {
                    audit.Record(record with { Detail = detail });
                }
            }
        }
    }
}
