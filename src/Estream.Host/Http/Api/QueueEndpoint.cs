namespace Estream.Host.Http;

/// <summary><c>GET /api/queues/{name}/messages?last=50</c>: the newest messages, decoded by their schema.</summary>
internal static class QueueEndpoint
{
    private const int DefaultCount = 50;

    private const int MaxCount = 1000;

    public static void MapQueues(this IEndpointRouteBuilder app) => app.MapGet("/api/queues/{name}/messages", HandleAsync);

    private static Task HandleAsync(HttpContext context, IHostView view, string name)
    {
        if (view.Queue(name) is not { } queue)
        {
            return Answer.ErrorAsync(context, StatusCodes.Status404NotFound, "There is no queue of this name; /api/overview lists them.");
        }

        return QueryNumber.TryRead(context, "last", DefaultCount, MaxCount, out int count)
            ? JsonBody.SendAsync(context, writer => queue.WriteLast(count, writer))
            : QueryNumber.RefuseAsync(context, "last", MaxCount);
    }
}
