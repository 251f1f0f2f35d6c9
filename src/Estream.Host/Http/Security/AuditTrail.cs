using System.Collections.Concurrent;
using Estream.Host.Runtime;
using Estream.Wire;

namespace Estream.Host.Http;

/// <summary>Records every request that would change state, including refused requests. Requests without effect have a budget for each
/// identity, so no caller can push the acts of others out of the retention of the queue.</summary>
internal static class AuditTrail
{
    /// <summary>The maximum number of requests without effect that are recorded for an identity in <see cref="s_period"/>.</summary>
    public const int WithoutEffect = 30;

    private static readonly TimeSpan s_period = TimeSpan.FromMinutes(10);
    private static readonly object s_detail = new();
    private static readonly object s_hasNoEffect = new();

    /// <summary>Sets the details that the audit record of a request contains in addition to the HTTP status.</summary>
    /// <param name="context">The request.</param>
    /// <param name="details">The first text, and the texts of further records.</param>
    public static void Describe(HttpContext context, params IReadOnlyList<string> details) => context.Items[s_detail] = details;

    /// <summary>Marks a request that changes nothing of the host. The budget of its identity counts the request, even on
    /// success.</summary>
    public static void HasNoEffect(HttpContext context) => context.Items[s_hasNoEffect] = true;

    /// <summary>Adds the middleware. It must follow routing and precede all middleware that refuses requests.</summary>
    public static IApplicationBuilder UseAuditTrail(this IApplicationBuilder app, TimeProvider time)
    {
        // One budget for each token name. Requests without a valid token share one budget.
        ConcurrentDictionary<string, RefusalBudget> budgets = new(StringComparer.Ordinal);
        return app.Use((context, next) =>
            HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)
                || context.GetEndpoint() is not RouteEndpoint endpoint
                || context.RequestServices.GetService<HostState>()?.Parts?.Audit is not { } audit
                ? next(context)
                : RecordAsync(context, next, endpoint, audit,
                    identity => budgets.GetOrAdd(identity, _ => new RefusalBudget(WithoutEffect, time, s_period))));
    }

    private static async Task RecordAsync(HttpContext context, RequestDelegate next, RouteEndpoint endpoint, AuditRuntime audit,
        Func<string, RefusalBudget> budgetOf)
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
            Identity? identity = RoleMiddleware.IdentityOf(context);
            IReadOnlyList<string> details = context.Items[s_detail] as IReadOnlyList<string> ?? [];

            // A refused request with details may have made a part of its changes.
            bool hasEffect = !context.Items.ContainsKey(s_hasNoEffect) && (details.Count > 0 || status is < 400 or >= 500);
            int unrecorded = 0;
            if (hasEffect || budgetOf(identity?.Name ?? "").TryTake(out unrecorded))
            {
                string action = $"{context.Request.Method} {endpoint.RoutePattern.RawText}";
                AuditRecord record = new(identity?.Name ?? "nobody", action, outcome)
                {
                    Role = identity is null ? "" : RoleMiddleware.NameOf(identity.Role),
                    Origin = HttpListeners.Of(context) == Listener.Socket ? "socket" : $"{context.Connection.RemoteIpAddress}",
                    Target = $"{context.Request.Path}{context.Request.QueryString}",
                    Detail = $"HTTP {status}" + (details.Count > 0 ? $"; {details[0]}" : "")
                        + (unrecorded > 0 ? $"; {unrecorded} earlier requests without effect were not recorded" : ""),
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
