using Estream.Crypto;

namespace Estream.Host.Http;

/// <summary><c>GET /api/queues/{name}/messages?last=50&amp;lattice=&amp;path=</c> returns the newest messages, optionally filtered by
/// lattice and address, decoded by their schema.</summary>
internal static class QueueMessagesEndpoint
{
    private const int DefaultCount = 50;

    private const int MaxCount = 1000;

    public static void MapMessages(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/queues/{name}/messages",
            static (HttpContext context, IHostView view, string name) => context.Request.Query.ContainsKey("from")
                ? MessageSearchEndpoint.SearchAsync(context, view, name)
                : HandleAsync(context, view, name)).For(AccessRole.Viewer, checksScopes: true)
            .IsSearch(static request => request.Query.ContainsKey("from") && !IsShort(request.Query));

    // The newest messages without a filter take one step of a search.
    private static bool IsShort(IQueryCollection query) => query["from"].ToString().StartsWith("last:", StringComparison.Ordinal)
        && !query.ContainsKey("schema") && !query.ContainsKey("filter") && !query.ContainsKey("lattice") && !query.ContainsKey("path");

    private static Task HandleAsync(HttpContext context, IHostView view, string name)
    {
        if (!view.Access.MayRead(RoleMiddleware.IdentityOf(context)!, name) || view.Queue(name) is not { } queue)
        {
            return QueueEndpoint.UnknownAsync(context, view, name);
        }

        if (!QueryNumber.TryRead(context, "last", DefaultCount, MaxCount, out int count))
        {
            return QueryNumber.RefuseAsync(context, "last", MaxCount);
        }

        return MessagePatterns.TryRead(context, out MessagePatterns patterns, out string? reason)
            ? JsonBody.SendAsync(context, writer => queue.WriteLast(count, patterns, writer))
            : Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, reason);
    }
}
