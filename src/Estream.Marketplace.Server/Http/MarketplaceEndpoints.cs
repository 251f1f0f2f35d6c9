using Estream.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Estream.Marketplace.Server.Http;

/// <summary>Maps the addresses of the marketplace. Each endpoint checks the caller itself, because its rights are grants.</summary>
internal static class MarketplaceEndpoints
{
    /// <summary>The prefix of the public API.</summary>
    public const string Api = "/api/v1/marketplace";

    /// <summary>The prefix of moderation.</summary>
    public const string Admin = "/cp/api/v1/admin/marketplace";

    /// <summary>The prefix of the registry's files.</summary>
    public const string Files = "/registry";

    /// <summary>The group of the generated description.</summary>
    public const string Group = "marketplace";

    /// <summary>Maps all endpoints.</summary>
    /// <param name="app">The application.</param>
    /// <param name="server">The server.</param>
    /// <param name="identify">Returns the caller; null if the request has no valid token, or a browser sent its cookie from another
    /// site.</param>
    /// <returns>The endpoints, to add the rules of the host.</returns>
    public static IEndpointConventionBuilder MapMarketplace(this IEndpointRouteBuilder app, MarketplaceServer server,
        Func<HttpContext, MarketplaceCaller?> identify)
    {
        RouteGroupBuilder group = app.MapGroup("").WithGroupName(Group);
        group.AddEndpointFilter(AnswerFailureAsync);
        MarketplaceAccess access = new(identify);
        new CatalogEndpoints(server).Map(group);
        new SubmitEndpoints(server, access).Map(group);
        new QueueEndpoints(server, access).Map(group);
        RegistryFileEndpoint.Map(group, server.PublicFolder);
        return group;
    }

    // The message of a failure may contain paths of the server.
    private static async ValueTask<object?> AnswerFailureAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is EstreamException or SqliteException)
        {
            context.HttpContext.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Estream.Marketplace.Server")
                .LogRequestFailed(context.HttpContext.Request.Path, failure);
            return Problem.Of(503, "registry_unavailable", "The registry or its database does not answer. Retry later.");
        }
    }
}

/// <summary>Finds out whether a caller may send a request.</summary>
internal sealed class MarketplaceAccess(Func<HttpContext, MarketplaceCaller?> identify)
{
    /// <summary>Returns the caller, or the problem of a request without a valid token.</summary>
    public (MarketplaceCaller? Caller, Problem? Problem) Caller(HttpContext context)
    {
        MarketplaceCaller? caller = identify(context);
        if (caller is not null)
        {
            return (caller, null);
        }

        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"estream\"";
        return (null, Problem.Of(401, "token_required",
            "A valid token is required: send Authorization: Bearer TOKEN. Create one with: estream token new --role viewer --expires 30d "
            + "--grant registrar:@SCOPE"));
    }

    /// <summary>Returns the caller if it may moderate, or the problem.</summary>
    public (MarketplaceCaller? Caller, Problem? Problem) Moderator(HttpContext context)
    {
        (MarketplaceCaller? caller, Problem? problem) = Caller(context);
        return caller is null || caller.IsModerator ? (caller, problem)
            : (null, Problem.Of(403, "grant_missing", $"{caller.Name} does not have the grant governance."));
    }
}
