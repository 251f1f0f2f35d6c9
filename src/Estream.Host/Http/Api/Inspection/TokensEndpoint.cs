using Estream.Core;
using Estream.Crypto;

namespace Estream.Host.Http;

/// <summary><c>GET /api/tokens</c> lists the access tokens of the host, without their secrets.</summary>
internal static class TokensEndpoint
{
    public static void MapTokens(this IEndpointRouteBuilder app, AccessControl access) => app.MapGet("/api/tokens", (HttpContext context) =>
    {
        try
        {
            return access.ReadTokens() is { } tokens
                ? JsonBody.SendAsync(context, [.. tokens.Select(TokenOverview.Of)], ApiJson.Default.TokenOverviewArray)
                : Answer.ErrorAsync(context, StatusCodes.Status404NotFound,
                    "This host has no token file. Set Estream:Http:TokensFile, or create a token with: estream token new");
        }
        catch (EstreamException failure)
        {
            return Answer.ErrorAsync(context, StatusCodes.Status409Conflict, failure.Message);
        }
    }).For(AccessRole.Admin);
}

/// <summary>An access token. Times are in milliseconds since 1970-01-01 UTC. <paramref name="Revoked"/> is false, because a revoked token
/// is removed from the file.</summary>
internal sealed record TokenOverview(
    string Name, string Role, IReadOnlyList<string> Scopes, long CreatedAt, long? ExpiresAt, bool Revoked)
{
    public static TokenOverview Of(AccessToken token) => new(
        token.Name.Length > 0 ? token.Name : token.Id, RoleMiddleware.NameOf(token.Role),
        ScopedAnswers.ListOf(token.Scopes), token.CreatedAt.ToUnixTimeMilliseconds(),
        token.ExpiresAt?.ToUnixTimeMilliseconds(), Revoked: false);
}
