using Estream.Crypto;
using Estream.Host.Runtime;

namespace Estream.Host.Http;

/// <summary><c>PUT /api/reload</c> makes the adapters reload users, permissions, certificates and revocation lists, and the queues their
/// trusted keys. Returns 200 if all succeed, 409 if one fails.</summary>
internal static class ReloadEndpoint
{
    public static void MapReload(this IEndpointRouteBuilder app) => app.MapPut("/api/reload", static (HttpContext context) =>
    {
        CredentialReload? reload = context.RequestServices.GetService<CredentialReload>();
        ReloadAnswer answer = new(reload?.Run() ?? [], reload?.RunQueues() ?? []);
        context.Response.StatusCode = answer.Adapters.Concat(answer.Queues).All(part => part.Status == "reloaded")
            ? StatusCodes.Status200OK
            : StatusCodes.Status409Conflict;
        return context.Response.WriteAsJsonAsync(answer, ApiJson.Default.ReloadAnswer, Answer.JsonType,
            context.RequestAborted);
    }).For(AccessRole.Admin);
}

/// <summary>The result per adapter, and per queue that requires signatures.</summary>
internal sealed record ReloadAnswer(IReadOnlyList<ReloadedPart> Adapters, IReadOnlyList<ReloadedPart> Queues);
