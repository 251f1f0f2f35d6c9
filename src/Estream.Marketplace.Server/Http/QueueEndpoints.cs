using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.RateLimiting;
using Estream.Marketplace.Server.Moderation;
using Estream.Marketplace.Server.Submission;
using Estream.Marketplace.Trust.Releases;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Estream.Marketplace.Server.Http;

/// <summary>Moderation: the queue, one submission, and its decisions.</summary>
internal sealed class QueueEndpoints(MarketplaceServer server, MarketplaceAccess access)
{
    private const string Queue = MarketplaceEndpoints.Admin + "/queue";
    private const int PageLength = 50;
    private const int MaxBody = ReleaseApproval.MaxBytes + (16 << 10);
    private const int ReadsAtOnce = 2;
    private const int WaitingReads = 32;

    private static readonly string[] s_states = [SubmissionStore.Pending, SubmissionStore.Published, SubmissionStore.Rejected];

    // A detail reads two packages into memory.
    private readonly ConcurrencyLimiter _details = RequestGate.Create(ReadsAtOnce, WaitingReads);

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Queue, List).WithName("ListQueue").Produces<QueuePage>().Produces(304).Fails(400, 401, 403, 429, 503);
        app.MapGet(Queue + "/{id}", DetailAsync).WithName("GetQueueItem").Produces<QueueDetail>().Produces(304)
            .Fails(401, 403, 404, 429, 503);
        app.MapPost(Queue + "/{id}/approve", ApproveAsync).WithName("ApproveQueueItem").Produces(204).Produces<ApprovalProgress>(202)
            .Fails(400, 401, 403, 404, 409, 413, 422, 429, 503);
        app.MapPost(Queue + "/{id}/reject", RejectAsync).WithName("RejectQueueItem").Produces(204)
            .Fails(400, 401, 403, 404, 409, 413, 422, 429, 503);
        app.MapPost(Queue + "/{id}/flag", FlagAsync).WithName("FlagQueueItem").Produces(204).Fails(400, 401, 403, 404, 409, 413, 429, 503);
        app.MapPost(MarketplaceEndpoints.Admin + "/reindex", ReindexAsync).WithName("Reindex").Produces<ReindexResult>()
            .Fails(401, 403, 429, 503);
    }

    private IResult List(HttpContext context, [FromQuery] string? state, [FromQuery] string? cursor)
    {
        if (access.Moderator(context) is { Problem: { } problem })
        {
            return problem;
        }

        (long, string)? after = null;
        if (!s_states.Contains(state ?? SubmissionStore.Pending, StringComparer.Ordinal)
            || (cursor is not null && !TryCursor(cursor, out after)))
        {
            return Problem.Of(400, "invalid_parameter", "The state is pending, published or rejected, and the cursor is of a page before.");
        }

        IReadOnlyList<QueueItem> items = server.Store.List(state ?? SubmissionStore.Pending, after, PageLength + 1);
        QueueItem? last = items.Count > PageLength ? items[PageLength - 1] : null;
        return new TaggedJson<QueuePage>(new QueuePage([.. items.Take(PageLength)], last is null ? null
            : string.Create(CultureInfo.InvariantCulture, $"{last.Received.ToUnixTimeSeconds()}-{last.Id}")));
    }

    private async Task<IResult> DetailAsync(HttpContext context, string id)
    {
        if (access.Moderator(context) is { Problem: { } problem })
        {
            return problem;
        }

        using RateLimitLease permit = await _details.AcquireAsync(1, context.RequestAborted).ConfigureAwait(false);
        return !permit.IsAcquired ? Problem.Of(503, "busy", "Too many requests are waiting. Retry later.")
            : await server.Moderation.FindAsync(id, context.RequestAborted).ConfigureAwait(false) is { } detail
                ? new TaggedJson<QueueDetail>(detail)
            : Problem.Of(ReleaseModeration.Missing);
    }

    private async Task<IResult> ApproveAsync(HttpContext context, string id)
    {
        (MarketplaceCaller? caller, ApproveRequest? body, Problem? problem) =
            await ReadAsync<ApproveRequest>(context).ConfigureAwait(false);
        if ((problem ?? NoteFault(body?.Note)) is { } refusal)
        {
            return refusal;
        }

        byte[]? envelope = body?.Approval is { ValueKind: JsonValueKind.Object } approval
            ? Encoding.UTF8.GetBytes(approval.GetRawText()) : null;
        (ApprovalProgress? progress, SubmissionFault? fault) =
            await server.Moderation.ApproveAsync(id, caller!.Name, body?.Note ?? "", envelope).ConfigureAwait(false);
        return fault is not null ? Problem.Of(fault)
            : progress is not null ? Results.Json(progress, MarketplaceJson.Options, statusCode: 202)
            : Results.NoContent();
    }

    private async Task<IResult> RejectAsync(HttpContext context, string id)
    {
        (MarketplaceCaller? caller, RejectRequest? body, Problem? problem) = await ReadAsync<RejectRequest>(context).ConfigureAwait(false);
        return problem ?? NoteFault(body?.Note)
            ?? (string.IsNullOrWhiteSpace(body?.Note)
                ? Problem.Of(422, "note_required", "The author sees the note of a rejection. Send {\"note\": \"…\"}.")
                : Done(await server.Moderation.RejectAsync(id, caller!.Name, body.Note).ConfigureAwait(false)));
    }

    private async Task<IResult> FlagAsync(HttpContext context, string id)
    {
        (MarketplaceCaller? caller, RejectRequest? body, Problem? problem) = await ReadAsync<RejectRequest>(context).ConfigureAwait(false);
        return problem ?? NoteFault(body?.Note) ?? Done(server.Moderation.Flag(id, caller!.Name, body?.Note ?? ""));
    }

    private async Task<IResult> ReindexAsync(HttpContext context, CancellationToken cancellation) =>
        access.Moderator(context) is { Problem: { } problem } ? problem
        : Results.Json(new ReindexResult(await server.ReindexAsync(cancellation).ConfigureAwait(false)), MarketplaceJson.Options);

    private static IResult Done(SubmissionFault? fault) => fault is null ? Results.NoContent() : Problem.Of(fault);

    private static Problem? NoteFault(string? note) => note?.Length > ReleaseModeration.MaxNote
        ? Problem.Of(400, "invalid_body", $"The note has at most {ReleaseModeration.MaxNote} characters.") : null;

    private static bool TryCursor(string text, out (long, string)? cursor)
    {
        int at = text.IndexOf('-', StringComparison.Ordinal);
        long received = 0;
        bool isCursor = at > 0 && text.Length == at + 65 && text[(at + 1)..].All(char.IsAsciiHexDigitLower)
            && long.TryParse(text.AsSpan(0, at), NumberStyles.None, CultureInfo.InvariantCulture, out received);
        cursor = isCursor ? (received, text[(at + 1)..]) : null;
        return isCursor;
    }

    // An empty body is an empty object.
    private async Task<(MarketplaceCaller? Caller, T? Body, Problem? Problem)> ReadAsync<T>(HttpContext context)
        where T : class
    {
        RequestBodies.Limit(context, MaxBody);
        (MarketplaceCaller? caller, Problem? problem) = access.Moderator(context);
        if (caller is null)
        {
            return (null, null, problem);
        }

        try
        {
            using MemoryStream bytes = new();
            await context.Request.Body.CopyToAsync(bytes, context.RequestAborted).ConfigureAwait(false);
            return (caller, bytes.Length == 0 ? null : JsonSerializer.Deserialize<T>(bytes.ToArray(), MarketplaceJson.Options), null);
        }
        catch (JsonException failure)
        {
            return (null, null, Problem.Of(400, "invalid_body", $"The body is not valid JSON of this request: {failure.Message}"));
        }
        catch (BadHttpRequestException refused)
        {
            return (null, null, refused.StatusCode == 413 ? Problem.Of(413, "too_large", $"The body has more than {MaxBody} bytes.")
                : Problem.Of(400, "invalid_body", "The request ended early."));
        }
    }
}
