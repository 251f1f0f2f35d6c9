using Estream.Core;
using Estream.Crypto;
using Estream.Witness;

namespace Estream.Host.Http;

/// <summary>
/// <c>GET /api/queues/{name}/attestations?last=20</c> lists the attestations of a queue; <c>…/attestations/{number}</c> returns one of
/// them, and <c>…/attestations/{number}/history?since=N</c> proves that it extends an earlier one. <c>GET
/// /api/queues/{name}/messages/{sequence}/proof</c> returns a proof that contains the message; <c>…/inclusion</c> returns a proof without
/// the message.
/// </summary>
/// <remarks>The files have the format of <c>estream witness prove</c>; <c>estream witness verify</c> verifies them.</remarks>
internal static class WitnessEndpoint
{
    private const int DefaultCount = 20;
    private const int MaxCount = 1_000;

    // A history proof reads every attestation between its two ends, about five kilobytes each.
    private const long MaxHistory = 50_000;

    public static void MapWitnesses(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/queues/{name}/attestations", ListAsync).For(AccessRole.Viewer, checksScopes: true);
        app.MapGet("/api/queues/{name}/attestations/{number:long}", AttestationAsync).For(AccessRole.Viewer, checksScopes: true);
        app.MapGet("/api/queues/{name}/attestations/{number:long}/history", HistoryAsync).For(AccessRole.Viewer, checksScopes: true);
        app.MapGet("/api/queues/{name}/messages/{sequence:long}/proof", ProofAsync).For(AccessRole.Viewer, checksScopes: true);
        app.MapGet("/api/queues/{name}/messages/{sequence:long}/inclusion", InclusionAsync).For(AccessRole.Viewer, checksScopes: true);
    }

    private static Task ListAsync(HttpContext context, IHostView view, string name) =>
        QueryNumber.TryRead(context, "last", DefaultCount, MaxCount, out int count)
        ? AnswerAsync(context, view, name, "",
            witness => JsonBody.SendAsync(context, witness.Last(count), ApiJson.Default.AttestationOverviewArray))
        : QueryNumber.RefuseAsync(context, "last", MaxCount);

    private static Task AttestationAsync(HttpContext context, IHostView view, string name, long number) =>
        AnswerAsync(context, view, name, NoAttestation(name),
            witness => FileAsync(context, witness.Attestation(number), $"{name}-{number}.attestation"));

    private static Task HistoryAsync(HttpContext context, IHostView view, string name, long number)
    {
        if (!QueryNumber.TryReadFrom0(context, "since", out long since) || since > number)
        {
            return Answer.ErrorAsync(context, StatusCodes.Status400BadRequest,
                $"since must be the number of an attestation, from 0 to {number}.");
        }

        return number - since <= MaxHistory
            ? AnswerAsync(context, view, name, NoAttestation(name),
                witness => FileAsync(context, witness.ProveHistory(since, number), $"{name}-{since}-{number}.proof"))
            : Answer.ErrorAsync(context, StatusCodes.Status400BadRequest,
                $"A request covers at most {MaxHistory} attestations. Prove the history in steps, or use 'estream witness prove --from "
                + $"{since} --to {number}'.");
    }

    private static Task ProofAsync(HttpContext context, IHostView view, string name, long sequence) => AnswerAsync(
        context, view, name, NotAttested(name),
        witness => witness.ProveMessage(sequence) is { } proof
            ? FileAsync(context, proof, $"{name}-{sequence}.proof")
            : Answer.ErrorAsync(context, StatusCodes.Status403Forbidden,
                "The proof would contain its message, which may have private values in plaintext. Use /inclusion instead of /proof for a "
                + "proof without the message, or create the file with 'estream witness prove' on the machine of the host."));

    private static Task InclusionAsync(HttpContext context, IHostView view, string name, long sequence) => AnswerAsync(
        context, view, name, NotAttested(name),
        witness => JsonBody.SendAsync(context, witness.ProveInclusion(sequence), ApiJson.Default.InclusionOverview));

    private static async Task AnswerAsync(HttpContext context, IHostView view, string name, string notThere,
        Func<IWitnessView, Task> answer)
    {
        bool mayRead = view.Access.MayRead(RoleMiddleware.IdentityOf(context)!, name);
        if (!mayRead || view.Witness(name) is not { } witness)
        {
            string none = !mayRead || view.Queue(name) is null
                ? "There is no queue with this name. /api/overview lists all queues."
                : "The queue has no witness. Configure one in Estream:Queues:NAME:Witness.";
            await Answer.ErrorAsync(context, StatusCodes.Status404NotFound, none).ConfigureAwait(false);
            return;
        }

        try
        {
            await answer(witness).ConfigureAwait(false);
        }
        catch (ArgumentOutOfRangeException) when (!context.Response.HasStarted)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status404NotFound, notThere).ConfigureAwait(false);
        }
        catch (EstreamStorageException gone) when (gone.Reason == StorageFailure.NotFound && !context.Response.HasStarted)
        {
            // Retention deleted the segment in the meantime.
            await Answer.ErrorAsync(context, StatusCodes.Status404NotFound, notThere).ConfigureAwait(false);
        }
        catch (EstreamWitnessException refused) when (!context.Response.HasStarted)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status409Conflict, refused.Message).ConfigureAwait(false);
        }
    }

    private static string NoAttestation(string name) =>
        $"There is no such attestation. /api/queues/{Uri.EscapeDataString(name)}/attestations lists the last attestations.";

    private static string NotAttested(string name) =>
        $"There is no such message, or it is not attested yet. /api/queues/{Uri.EscapeDataString(name)}/attestations shows the last "
        + "attested message.";

    // A queue name consists of letters, digits, dots, dashes and underscores, so it needs no quoting.
    private static Task FileAsync(HttpContext context, byte[] bytes, string name)
    {
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = bytes.Length;
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}
