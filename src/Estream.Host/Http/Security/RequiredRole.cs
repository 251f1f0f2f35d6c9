using Estream.Crypto;

namespace Estream.Host.Http;

/// <summary>The role that an endpoint requires, as metadata of its route.</summary>
internal sealed record RequiredRole(AccessRole Role);

/// <summary>
/// Lets requests pass that have the role of their endpoint. An endpoint without a role is for administrators, so that a new one is not open
/// by mistake. The files of the console and the bare <c>/health</c> are for everybody.
/// </summary>
internal static class RoleMiddleware
{
    private static readonly object s_identity = new();

    /// <summary>Who makes a request; null if nobody knows.</summary>
    public static Identity? IdentityOf(HttpContext context) => context.Items[s_identity] as Identity;

    /// <summary>Requires a role for an endpoint.</summary>
    public static TBuilder For<TBuilder>(this TBuilder endpoint, AccessRole role)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequiredRole(role));

    /// <summary>Comes after routing, which tells the endpoint.</summary>
    public static IApplicationBuilder UseRoles(this IApplicationBuilder app, AccessControl access) => app.Use((context, next) =>
    {
        Identity? identity = access.Identify(context);
        context.Items[s_identity] = identity;
        if (context.GetEndpoint() is not { } endpoint)
        {
            return next(context);
        }

        AccessRole required = endpoint.Metadata.GetMetadata<RequiredRole>()?.Role ?? AccessRole.Admin;
        if (required == AccessRole.None)
        {
            return next(context);
        }

        if (identity is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"estream\"";
            return Answer.ErrorAsync(context, StatusCodes.Status401Unauthorized,
                "This needs a token that is valid: send Authorization: Bearer TOKEN. Create one with: estream token new --role viewer");
        }

        if (identity.Role < required)
        {
            return Answer.ErrorAsync(context, StatusCodes.Status403Forbidden,
                $"This needs the role {NameOf(required)}; {identity.Name} has the role {NameOf(identity.Role)}.");
        }

        // SameSite=Strict keeps the cookie from requests of other sites; this also holds in a browser that does not know it.
        bool changes = !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method);
        return changes && identity.IsByCookie && context.Request.Headers["Sec-Fetch-Site"] != "same-origin"
            ? Answer.ErrorAsync(context, StatusCodes.Status403Forbidden, "Changes by cookie are accepted from the console only.")
            : next(context);
    });

    /// <summary>The name of a role in settings, answers and on the command line.</summary>
    public static string NameOf(AccessRole role) => role.ToString().ToLowerInvariant();
}
