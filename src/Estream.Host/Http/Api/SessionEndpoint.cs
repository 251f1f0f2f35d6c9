using Estream.Crypto;

namespace Estream.Host.Http;

/// <summary>
/// <c>GET /api/session</c> returns the identity of the requester. <c>PUT /api/session</c> with <c>Authorization: Bearer TOKEN</c> signs a
/// browser in; <c>DELETE /api/session</c> signs it out.
/// </summary>
internal static class SessionEndpoint
{
    public static void MapSession(this IEndpointRouteBuilder app, AccessControl access)
    {
        app.MapGet("/api/session", context => ShowAsync(context)).For(AccessRole.Viewer, checksScopes: true);
        app.MapPut("/api/session", context => SignInAsync(context, access)).For(AccessRole.Viewer, checksScopes: true);
        app.MapDelete("/api/session", context => SignOutAsync(context, access)).For(AccessRole.Viewer, checksScopes: true);
    }

    private static Task ShowAsync(HttpContext context)
    {
        Identity identity = RoleMiddleware.IdentityOf(context)!;
        SessionOverview shown = new(identity.Name, RoleMiddleware.NameOf(identity.Role),
            ScopedAnswers.ListOf(identity.Scopes), identity.IsByCookie);
        return context.Response.WriteAsJsonAsync(shown, ApiJson.Default.SessionOverview, Answer.JsonType, context.RequestAborted);
    }

    private static Task SignInAsync(HttpContext context, AccessControl access)
    {
        AuditTrail.HasNoEffect(context);
        if (AccessControl.PresentedIn(context.Request.Headers.Authorization.ToString()) is not { } token)
        {
            return Answer.ErrorAsync(context, StatusCodes.Status401Unauthorized, "Sign in with Authorization: Bearer TOKEN.");
        }

        context.Response.Cookies.Append(BrowserSessions.CookieOf(context.Request), access.Sessions.Begin(token), Options(context));
        return ShowAsync(context);
    }

    private static Task SignOutAsync(HttpContext context, AccessControl access)
    {
        AuditTrail.HasNoEffect(context);
        if (context.Request.Cookies.TryGetValue(BrowserSessions.CookieOf(context.Request), out string? session))
        {
            access.Sessions.End(session);
        }

        context.Response.Cookies.Delete(BrowserSessions.CookieOf(context.Request), Options(context));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, Path = "/", MaxAge = BrowserSessions.Lifetime,
    };
}

/// <summary>The identity of a requester. <paramref name="Scopes"/> are the scopes of its token, such as <c>queue=orders:append</c>; empty
/// for all that the role allows. <paramref name="IsSignedIn"/> is true for a browser session, which can be ended.</summary>
internal sealed record SessionOverview(string Name, string Role, IReadOnlyList<string> Scopes, bool IsSignedIn);
