using Estream.Crypto;

namespace Estream.Host.Http;

/// <summary><c>GET /api/queues/{name}/messages?last=50&amp;lattice=&amp;path=</c> returns the newest messages, optionally filtered by
/// lattice and address, decoded by their schema.</summary>
internal static class QueueEndpoint
{
    private const int DefaultCount = 50;

    private const int MaxCount = 1000;

    public static void MapQueues(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/queues/{name}/messages", HandleAsync).For(AccessRole.Viewer, checksScopes: true);

    private static Task HandleAsync(HttpContext context, IHostView view, string name)
    {
        if (!view.Access.MayRead(RoleMiddleware.IdentityOf(context)!, name) || view.Queue(name) is not { } queue)
        {
            return Answer.ErrorAsync(context, StatusCodes.Status404NotFound, "There is no queue with this name. /api/overview lists all "
                + "queues.");
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
