using Estream.Crypto;

namespace Estream.Host.Http;

/// <summary>
/// <c>GET /api/queues?search=&amp;sort=name|rate|messages|bytes&amp;limit=200&amp;after=</c> lists the queues, each partitioned queue as
/// one row; with <c>partitionsOf=NAME</c>, the partitions of one queue. <c>GET /api/queues/{name}</c> describes one queue.
/// </summary>
internal static class QueueEndpoint
{
    private const int DefaultLimit = 200;
    private const int MaxLimit = 10_000;

    public static void MapQueues(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/queues", ListAsync).For(AccessRole.Viewer, checksScopes: true);
        app.MapGet("/api/queues/{name}", DescribeAsync).For(AccessRole.Viewer, checksScopes: true);
        app.MapMessages();
        app.MapSearches();
        app.MapPublish();
    }

    /// <summary>Answers a request for a queue that does not exist, or that the caller does not reach.</summary>
    public static Task UnknownAsync(HttpContext context, IHostView view, string name) =>
        Answer.ErrorAsync(context, StatusCodes.Status404NotFound,
            view.Overview.Queues.FirstOrDefault(queue => queue.PartitionOf == name
                && view.Access.MayRead(RoleMiddleware.IdentityOf(context)!, queue.Name)) is { } partition
                ? $"The queue is partitioned, and each partition has its own messages. Name a partition, such as {partition.Name}."
                : "There is no queue with this name. /api/queues lists all queues.");

    private static Task ListAsync(HttpContext context, IHostView view)
    {
        if (!QueryNumber.TryRead(context, "limit", DefaultLimit, MaxLimit, out int limit))
        {
            return QueryNumber.RefuseAsync(context, "limit", MaxLimit);
        }

        if (!QueueOrder.TryParse(context.Request.Query["sort"], out QueueOrder order))
        {
            return Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, "sort must be name, rate, messages or bytes.");
        }

        QueueCursor? after = null;
        if (context.Request.Query["after"] is [{ Length: > 0 } text, ..])
        {
            if (!QueueCursor.TryParse(text, out QueueCursor cursor))
            {
                return Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, "after must be the member next of the previous page.");
            }

            after = cursor;
        }

        string search = context.Request.Query["search"].ToString();
        string partitionsOf = context.Request.Query["partitionsOf"].ToString();
        Identity identity = RoleMiddleware.IdentityOf(context)!;
        IEnumerable<QueueOverview> reached = view.Overview.Queues
            .Where(queue => view.Access.MayRead(identity, queue.Name)).Select(queue => ScopedAnswers.Limit(queue, identity));
        IEnumerable<QueueOverview> rows = partitionsOf.Length > 0
            ? reached.Where(queue => queue.PartitionOf == partitionsOf)
            : QueueList.Fold(reached);
        QueueOverview[] found = [.. rows.Where(queue => queue.Name.Contains(search, StringComparison.OrdinalIgnoreCase))];
        return JsonBody.SendAsync(context, QueueList.Page(found, order, after, limit), ApiJson.Default.QueuePage);
    }

    private static Task DescribeAsync(HttpContext context, IHostView view, string name)
    {
        Identity identity = RoleMiddleware.IdentityOf(context)!;
        return view.Access.MayRead(identity, name) && view.Describe(name) is { } queue
            ? JsonBody.SendAsync(
                context,
                ScopedAnswers.Limit(queue, view.Access, identity) with { WhyNotPublish = PublishEndpoint.WhyNot(context, view, name) },
                ApiJson.Default.QueueDetail)
            : UnknownAsync(context, view, name);
    }
}
