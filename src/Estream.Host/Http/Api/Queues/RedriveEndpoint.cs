using Estream.Core;
using Estream.Crypto;
using Estream.Esf.Expressions;
using Estream.Host.Runtime;

namespace Estream.Host.Http;

/// <summary><c>PUT /api/queues/{name}/redrive?where=&amp;limit=1000&amp;from=0&amp;dryRun=false</c> stores the messages of dead letters
/// again. Returns 400 for an invalid argument or a queue other than <c>dead-letters</c>, 404 before the host has opened the
/// queue, and 409 if a queue cannot be written now, or if stored messages may not be durable.</summary>
internal static class RedriveEndpoint
{
    private const int DefaultLimit = 1_000;
    private const int MaxLimit = 100_000;

    public static void MapRedrive(this IEndpointRouteBuilder app) =>
        app.MapPut("/api/queues/{name}/redrive", HandleAsync).For(AccessRole.Operator);

    private static Task HandleAsync(HttpContext context, string name)
    {
        if (name != HostConfiguration.DeadLetters)
        {
            // A client may append forged dead letters to another queue.
            return Answer.ErrorAsync(context, StatusCodes.Status400BadRequest,
                $"The host redrives only the queue {HostConfiguration.DeadLetters}, not '{name}'.");
        }

        if (!QueryNumber.TryRead(context, "limit", DefaultLimit, MaxLimit, out int limit))
        {
            return QueryNumber.RefuseAsync(context, "limit", MaxLimit);
        }

        long from = 0;
        if (context.Request.Query.ContainsKey("from") && !QueryNumber.TryReadFrom0(context, "from", out from))
        {
            return Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, "from must be a sequence number, 0 or more.");
        }

        bool isDryRun = false;
        if (context.Request.Query.ContainsKey("dryRun") && !bool.TryParse(context.Request.Query["dryRun"], out isDryRun))
        {
            return Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, "dryRun must be true or false.");
        }

        if (isDryRun)
        {
            AuditTrail.HasNoEffect(context);
        }

        RedriveRequest request = new(name, context.Request.Query["where"], from, limit, isDryRun, RoleMiddleware.IdentityOf(context)!);
        try
        {
            if (context.RequestServices.GetRequiredService<DeadLetterRedrive>().Run(request) is not { } answer)
            {
                return Answer.ErrorAsync(context, StatusCodes.Status404NotFound,
                    "No queue has this name. /api/overview lists all queues.");
            }

            AuditTrail.Describe(context, $"{(isDryRun ? "would send" : "sent")} {answer.Sent} messages, refused {answer.Refused}");
            return JsonBody.SendAsync(context, answer, ApiJson.Default.RedriveAnswer);
        }
        catch (EsfExpressionException invalid)
        {
            return Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, $"where: {invalid.Message}");
        }
        catch (EstreamException failure)
        {
            AuditTrail.Describe(context, failure.Message);
            return Answer.ErrorAsync(context, StatusCodes.Status409Conflict, failure.Message);
        }
        catch (ObjectDisposedException)
        {
            return Answer.ErrorAsync(context, StatusCodes.Status409Conflict, "The host is stopping, or the queue was removed.");
        }
    }
}
