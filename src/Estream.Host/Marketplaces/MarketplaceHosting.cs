using Estream.Core;
using Estream.Crypto;
using Estream.Host.Http;
using Estream.Marketplace.Server;
using Estream.Marketplace.Server.Http;

namespace Estream.Host.Marketplaces;

/// <summary>Runs a marketplace server in the host.</summary>
internal static partial class MarketplaceHosting
{
    /// <summary>Opens the marketplace and adds it to the services, which dispose it.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="EstreamException">The registry or the database cannot be opened.</exception>
    public static void AddMarketplace(this IServiceCollection services, MarketplaceServerOptions options)
    {
        MarketplaceServer server = MarketplaceServer.OpenAsync(options, SystemClock.Instance, TimeProvider.System, CancellationToken.None)
            .GetAwaiter().GetResult();
        services.AddSingleton(_ => server);
        services.AddMarketplaceDescription();
    }

    /// <summary>Maps the addresses of the marketplace, and starts its upkeep.</summary>
    /// <param name="app">The application; nothing is mapped if it has no marketplace.</param>
    public static void UseMarketplace(this WebApplication app)
    {
        if (app.Services.GetService<MarketplaceServer>() is not { } server)
        {
            return;
        }

        // The endpoints check grants themselves, which no role includes.
        app.MapMarketplace(server, CallerOf).For(AccessRole.None, checksScopes: true).HasOwnLimit();
        app.MapMarketplaceDescription().For(AccessRole.None, checksScopes: true).HasOwnLimit();
        ILogger logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Estream.Host.Marketplace");
        server.Start(failure => LogUpkeepFailed(logger, failure));
    }

    // The cookie of a browser is sent with requests of other sites too.
    private static MarketplaceCaller? CallerOf(HttpContext context)
    {
        bool isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        return RoleMiddleware.IdentityOf(context) is not { } identity
            || (identity.IsByCookie && !isRead && context.Request.Headers["Sec-Fetch-Site"] != "same-origin")
            ? null
            : new MarketplaceCaller(identity.Name, identity.Role == AccessRole.Admin && !ScopedAnswers.IsLimited(identity),
                identity.Grants);
    }

    [LoggerMessage(EventId = 181, Level = LogLevel.Warning,
        Message = "The registry was not renewed, or its pending releases were not decided again. The next attempt is in an hour.")]
    private static partial void LogUpkeepFailed(ILogger logger, Exception failure);
}
