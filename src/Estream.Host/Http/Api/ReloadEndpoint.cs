using Estream.Crypto;
using Estream.Host.Runtime;

namespace Estream.Host.Http;

/// <summary><c>PUT /api/reload</c>: the adapters read users, rights, certificates and revocation lists again. 200 if all could, 409 if one
/// could not.</summary>
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

/// <summary>What came of it, by adapter.</summary>
internal sealed record ReloadAnswer(IReadOnlyList<ReloadedAdapter> Adapters);
