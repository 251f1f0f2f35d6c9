using Estream.Crypto;
using Estream.Host.Runtime;

namespace Estream.Host.Http;

/// <summary><c>PUT /api/reload</c> makes the adapters reload users, permissions, certificates and revocation lists. Returns 200 if all
/// succeed, 409 if one fails.</summary>
internal static class ReloadEndpoint
{
    public static void MapReload(this IEndpointRouteBuilder app) => app.MapPut("/api/reload", static (HttpContext context) =>
    {
        IReadOnlyList<ReloadedAdapter> adapters = context.RequestServices.GetService<CredentialReload>()?.Run() ?? [];
        context.Response.StatusCode = adapters.All(adapter => adapter.Status == "reloaded")
            ? StatusCodes.Status200OK
            : StatusCodes.Status409Conflict;
        return context.Response.WriteAsJsonAsync(new ReloadAnswer(adapters), ApiJson.Default.ReloadAnswer, Answer.JsonType,
            context.RequestAborted);
    }).For(AccessRole.Admin);
}

/// <summary>The result per adapter.</summary>
internal sealed record ReloadAnswer(IReadOnlyList<ReloadedAdapter> Adapters);
