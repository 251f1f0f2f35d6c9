using Estream.Crypto;

namespace Estream.Host.Http;

/// <summary><c>GET /api/audit?last=50</c>: returns the newest administrative actions, oldest first, in the format of queue
/// messages.</summary>
internal static class AuditEndpoint
{
    private const int DefaultCount = 50;
    private const int MaxCount = 1_000;

    public static void MapAudit(this IEndpointRouteBuilder app) => app.MapGet("/api/audit", static (HttpContext context, IHostView view) =>
    {
        if (view.Audit is not { } audit)
        {
            return Answer.ErrorAsync(context, StatusCodes.Status404NotFound, "This host records no administrative actions.");
        }

        return QueryNumber.TryRead(context, "last", DefaultCount, MaxCount, out int count)
            ? JsonBody.SendAsync(context, writer => audit.WriteLast(count, default, writer))
            : QueryNumber.RefuseAsync(context, "last", MaxCount);
    }).For(AccessRole.Viewer);
}
