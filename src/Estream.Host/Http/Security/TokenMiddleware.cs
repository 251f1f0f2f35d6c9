namespace Estream.Host.Http;

/// <summary>
/// Refuses requests without the token when one is configured. <c>/health</c> answers everyone, because load
/// balancers cannot authenticate, but tells strangers nothing beyond the status.
/// </summary>
internal static class TokenMiddleware
{
    private static readonly object s_trusted = new();

    /// <summary>True when the request may see details: the token was presented, or none is configured.</summary>
    public static bool IsTrusted(HttpContext context) => context.Items.ContainsKey(s_trusted);

    public static IApplicationBuilder UseToken(this IApplicationBuilder app, string? token)
    {
        TokenGuard? guard = token is null ? null : new TokenGuard(token);
        return app.Use((context, next) =>
        {
            if (guard is null || guard.Accepts(context.Request.Headers.Authorization))
            {
                context.Items[s_trusted] = true;
                return next(context);
            }

            if (context.Request.Path.Equals("/health", StringComparison.Ordinal))
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.Append("WWW-Authenticate", "Bearer realm=\"estream\"");
            context.Response.Headers.Append("WWW-Authenticate", "Basic realm=\"estream\", charset=\"UTF-8\"");
            return Answer.ErrorAsync(context,
                "This needs the token: Authorization: Bearer TOKEN, or any user name with the token as the password.");
        });
    }
}
