using Estream.Crypto;

namespace Estream.Host.Http;

/// <summary>The role that an endpoint requires, as metadata of its route.</summary>
/// <param name="Role">The role.</param>
/// <param name="ChecksScopes">Whether the endpoint shows a token with scopes only what its scopes include. Other endpoints refuse such
/// tokens.</param>
internal sealed record RequiredRole(AccessRole Role, bool ChecksScopes);

/// <summary>
/// Checks that requests have the role of their endpoint. An endpoint without a role requires the administrator role, so a new endpoint is
/// never open by accident. The console files and the status of <c>/health</c> need no role.
/// </summary>
internal static class RoleMiddleware
{
    private static readonly object s_identity = new();

    /// <summary>Returns the identity of a requester; null if unknown.</summary>
    public static Identity? IdentityOf(HttpContext context) => context.Items[s_identity] as Identity;

    /// <summary>Requires a role for an endpoint.</summary>
    public static TBuilder For<TBuilder>(this TBuilder endpoint, AccessRole role, bool checksScopes = false)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequiredRole(role, checksScopes));

    /// <summary>Adds the middleware. It must follow routing, which determines the endpoint.</summary>
    public static IApplicationBuilder UseRoles(this IApplicationBuilder app, AccessControl access) => app.Use((context, next) =>
    {
        Identity? identity = access.Identify(context);
        context.Items[s_identity] = identity;
        if (context.GetEndpoint() is not { } endpoint)
        {
            return next(context);
        }

        RequiredRole? declared = endpoint.Metadata.GetMetadata<RequiredRole>();
        AccessRole required = declared?.Role ?? AccessRole.Admin;
        if (required == AccessRole.None)
        {
            return next(context);
        }

        if (identity is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"estream\"";
            return Answer.ErrorAsync(context, StatusCodes.Status401Unauthorized,
                "A valid token is required: send Authorization: Bearer TOKEN. Create one with: estream token new --role viewer");
        }

        if (identity.Role < required)
        {
            return Answer.ErrorAsync(context, StatusCodes.Status403Forbidden,
                $"The role {NameOf(required)} is required; {identity.Name} has the role {NameOf(identity.Role)}.");
        }

        if (ScopedAnswers.IsLimited(identity) && declared?.ChecksScopes != true)
        {
            return Answer.ErrorAsync(context, StatusCodes.Status403Forbidden,
                $"{identity.Name} reaches only queues and maps within its scopes: {identity.Scopes}. This address requires a token "
                + "without scopes.");
        }

        // SameSite=Strict keeps the cookie out of cross-site requests; this check also covers browsers that do not support it.
        bool changes = !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method);
        return changes && identity.IsByCookie && context.Request.Headers["Sec-Fetch-Site"] != "same-origin"
            ? Answer.ErrorAsync(context, StatusCodes.Status403Forbidden, "Changes with a session cookie are accepted from the console "
                + "only.")
            : next(context);
    });

    /// <summary>Returns the name of a role in settings, responses and on the command line.</summary>
    public static string NameOf(AccessRole role) => role.ToString().ToLowerInvariant();
}
