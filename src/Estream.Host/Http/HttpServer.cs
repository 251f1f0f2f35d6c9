using System.Net;
using Estream.Core;
using Estream.Host.Configuration;
using Estream.Host.Marketplaces;
using Estream.Host.Remote;
using Estream.Host.Runtime;
using Estream.Host.Widgets;
using Estream.Marketplace.Server;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Estream.Host.Http;

/// <summary>Kestrel and the request pipeline: console, REST, events, health and metrics.</summary>
internal static class HttpServer
{
    /// <param name="builder">The builder of the application.</param>
    /// <param name="settings">The settings of the console and REST.</param>
    /// <param name="client">The settings of remote clients; null if none are served.</param>
    public static void AddHttp(this WebApplicationBuilder builder, HttpSettings settings, ClientSettings? client = null)
    {
        builder.WebHost.UseKestrelCore();
        builder.Services.Configure<SocketTransportOptions>(static options => options.CreateBoundListenSocket = ClientTransport.Bind);
        if (client is not null)
        {
            // Kestrel asks the last transport first.
            builder.Services.AddSingleton<IConnectionListenerFactory>(new ClientTransport(client));
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            HttpListeners.Configure(kestrel, settings, kestrel.ApplicationServices.GetService<ServerCertificate>());
            if (client is not null)
            {
                ClientListeners.Configure(kestrel, client);
            }

            RequestLimits.Configure(kestrel.Limits, client?.MaxConnections ?? 0);
        });
        builder.Services.AddSingleton(services =>
            new AccessControl(settings, services.GetService<TimeProvider>() ?? TimeProvider.System));
        if (settings.Certificate is { } certificate)
        {
            builder.Services.AddSingleton(services => new ServerCertificate(certificate, settings.CertificateKey, TimeProvider.System,
                services.GetRequiredService<ILoggerFactory>().CreateLogger("Estream.Host.Http")));
        }

        builder.Services.AddRouting();
        builder.Services.AddHostFiltering(static _ => { });
        builder.Services.Configure<HostFilteringOptions>(options => HostNames.Configure(options, settings));
        builder.Services.AddSingleton<EventHub>();
        builder.Services.AddWidgets();
        builder.Services.AddSingleton(services =>
            new DashboardFolder(services.GetRequiredService<HostConfiguration>().Data.Dashboards, FileStorage.Instance));
        builder.Services.AddSingleton(services => new SearchRunner(
            services.GetRequiredService<AccessControl>(), services.GetRequiredService<IHostApplicationLifetime>(),
            services.GetService<TimeProvider>() ?? TimeProvider.System));
    }

    /// <summary>Builds the request pipeline. The order matters: protective middleware precedes expensive work.</summary>
    public static void UseHttp(this WebApplication app, HttpSettings settings)
    {
        app.UseSecurityHeaders();
        app.UseForwarding(settings);
        app.UseHostFiltering();
        app.UseFailureAnswer();
        app.UseCrossSiteRefusal();
        app.UseRequestLimits(app.Services.GetService<MarketplaceServer>()?.Options);
        app.UseManagementPaths();
        app.UseConsole();
        app.UseRouting();
        TimeProvider time = app.Services.GetService<TimeProvider>() ?? TimeProvider.System;
        AccessControl access = app.Services.GetRequiredService<AccessControl>();
        app.UseAuditTrail(time);
        app.UseRoles(access);
        app.UseAnswerLimits();
        app.UseWebSockets();
        app.MapSession(access);
        app.MapHealth();
        app.MapMetrics();
        app.MapOverview();
        app.MapQueues();
        app.MapWitnesses();
        app.MapMaps();
        app.MapCircuits();
        app.MapLex();
        app.MapAdapters();
        app.MapComponents();
        app.MapDevices();
        app.MapPayments();
        app.MapReload();
        app.MapRedrive();
        app.MapSchemas();
        app.MapClients(access);
        app.MapAudit();
        app.MapHistory();
        app.MapAlerts();
        app.MapFind();
        app.MapConfiguration();
        app.MapInstalled();
        app.MapWidgets();
        app.MapFrame();
        app.MapDashboards();
        app.MapTokens(access);
        app.MapEvents(access, app.Lifetime.ApplicationStopping);
        app.UseMarketplace();
    }
}

/// <summary>
/// The accepted Host headers. On loopback, the console trusts every local client, and any web page can reach it once its own name resolves
/// to 127.0.0.1 (DNS rebinding), so only names that cannot be rebound are accepted. Beyond loopback or behind a proxy, every name is
/// accepted, but <c>Http:LoopbackRole</c> is granted only for names that cannot be rebound. All other requests need the token, which a
/// browser never sends to a foreign name.
/// </summary>
internal static class HostNames
{
    public static void Configure(HostFilteringOptions options, HttpSettings settings)
    {
        IPAddress address = settings.Address;
        bool isLocal = IPAddress.IsLoopback(address) && settings.Proxies.Count == 0
            && (settings.ManagementAddress is not { } management || IPAddress.IsLoopback(management));
        options.AllowEmptyHosts = false;
        options.IncludeFailureMessage = false;
        options.AllowedHosts = isLocal ? Loopback(address) : ["*"];
    }

    /// <summary>Whether a name denotes this machine and cannot be rebound.</summary>
    public static bool IsLoopback(string host) => string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    private static string[] Loopback(IPAddress address)
    {
        string literal = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
        return [.. new[] { "localhost", "127.0.0.1", "[::1]", literal }.Distinct(StringComparer.Ordinal)];
    }
}
