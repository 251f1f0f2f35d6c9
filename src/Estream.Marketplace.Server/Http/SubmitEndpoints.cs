using System.Threading.RateLimiting;
using Estream.Marketplace.Server.Catalog;
using Estream.Marketplace.Server.Moderation;
using Estream.Marketplace.Server.Submission;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Estream.Marketplace.Server.Http;

/// <summary>Takes submissions of authors, and shows them their state.</summary>
internal sealed class SubmitEndpoints(MarketplaceServer server, MarketplaceAccess access)
{
    private const int SubmissionsAtOnce = 2;
    private const int WaitingSubmissions = 16;

    private readonly ConcurrencyLimiter _gate = RequestGate.Create(SubmissionsAtOnce, WaitingSubmissions);
    private readonly CallerPace _pace = new(server.Options.SubmissionsPerMinute);

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapPost(MarketplaceEndpoints.Api + "/{category}/items", SubmitAsync).WithName("SubmitItem").DisableAntiforgery()
            .Produces<SubmissionAnswer>().Produces<SubmissionAnswer>(201).Produces<SubmissionAnswer>(202)
            .Fails(400, 401, 403, 404, 409, 413, 415, 422, 429, 503);
        app.MapGet(MarketplaceEndpoints.Api + "/submissions/{id}", Status).WithName("GetSubmission")
            .Produces<SubmissionStatus>().Produces(304).Fails(401, 403, 404, 429, 503);
    }

    private async Task<IResult> SubmitAsync(HttpContext context, string category)
    {
        RequestBodies.Limit(context, SubmittedFiles.MaxRequestBytes);
        (MarketplaceCaller? caller, Problem? problem) = access.Caller(context);
        if (caller is null)
        {
            return problem!;
        }

        if (server.Catalog.Find(category) is not { } found)
        {
            return Problem.Of(404, "category_not_found", "The server does not know this category.");
        }

        if (SubmittedFiles.BoundaryOf(context.Request.ContentType) is not { } boundary)
        {
            return Problem.Of(415, "multipart_required", "Send multipart/form-data with the parts package and entry.");
        }

        string key = context.Request.Headers["Idempotency-Key"].ToString();
        if (key.Length > 0 && !IdempotencyKeys.IsKey(key))
        {
            return Problem.Of(400, "invalid_idempotency_key",
                $"The header Idempotency-Key has at most {IdempotencyKeys.MaxLength} visible ASCII characters.");
        }

        if (!_pace.TryTake(caller.Name))
        {
            return Problem.Of(429, "too_many_submissions",
                $"A caller submits at most {server.Options.SubmissionsPerMinute} releases in a minute. Retry later.");
        }

        using RateLimitLease permit = await _gate.AcquireAsync(1, context.RequestAborted).ConfigureAwait(false);
        return !permit.IsAcquired ? Problem.Of(503, "busy", "Too many submissions are waiting. Retry later.")
            : await TakeAsync(context, found, caller, key, boundary).ConfigureAwait(false);
    }

    private async Task<IResult> TakeAsync(HttpContext context, Category category, MarketplaceCaller caller, string key, string boundary)
    {
        SubmittedFiles? files;
        SubmissionFault? fault;
        try
        {
            (files, fault) = await SubmittedFiles.ReadAsync(context.Request.Body, boundary, context.RequestAborted).ConfigureAwait(false);
        }
        catch (BadHttpRequestException refused)
        {
            return refused.StatusCode == 413
                ? Problem.Of(413, "too_large", $"The request has more than {SubmittedFiles.MaxRequestBytes} bytes.")
                : Problem.Of(400, "malformed_request", "The request ended early.");
        }

        if (files is null)
        {
            return Problem.Of(fault!);
        }

        (SubmissionResult result, bool isRepeated) = key.Length == 0
            ? (await server.Submissions.SubmitAsync(category, caller, files).ConfigureAwait(false), false)
            : await server.Keys.RunAsync(caller.Name, key, IdempotencyKeys.DigestOf(category.Id, files),
                () => server.Submissions.SubmitAsync(category, caller, files)).ConfigureAwait(false);
        if (isRepeated)
        {
            context.Response.Headers["Idempotency-Replayed"] = "true";
        }

        if (result.Location is { } location)
        {
            context.Response.Headers.Location = location;
        }

        return result.Fault is { } refusal ? Problem.Of(refusal)
            : Results.Json(result.Answer, MarketplaceJson.Options, statusCode: result.Status);
    }

    private IResult Status(HttpContext context, string id)
    {
        (MarketplaceCaller? caller, Problem? problem) = access.Caller(context);
        if (caller is null)
        {
            return problem!;
        }

        if (server.Store.Find(id) is not { } found)
        {
            return Problem.Of(404, "submission_not_found", "No submission has this digest.");
        }

        string owner = Trust.Namespaces.NamespaceName.Of(ComponentName.Parse(found.Item.Name)).ToString();
        return caller.IsModerator || caller.MayRegister(owner)
            ? new TaggedJson<SubmissionStatus>(new SubmissionStatus(id, found.Item.Name, found.Item.Version, found.Item.State, found.Checks,
                found.Reasons, server.Store.RejectionOf(id)))
            : Problem.Of(403, "grant_missing", $"{caller.Name} does not have the grant registrar:{owner}.");
    }
}
