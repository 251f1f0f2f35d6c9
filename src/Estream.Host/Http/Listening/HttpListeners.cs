using System.Net;
using System.Security.Authentication;
using Estream.Host.Configuration;
using Estream.Wire.Internal;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Estream.Host.Http;

/// <summary>The listener that accepted a connection.</summary>
internal enum Listener
{
    /// <summary>The TCP port <c>Http:Port</c>, which serves all paths.</summary>
    Main,

    /// <summary>The TCP port <c>Http:Management:Port</c>, which serves only health and metrics.</summary>
    Management,

    /// <summary>The Unix socket <c>Http:Socket</c>, which serves all paths to programs of the host's user.</summary>
    Socket,
}

/// <summary>The sockets that Kestrel listens on.</summary>
internal static class HttpListeners
{
    private static readonly object s_listener = new();
    private static readonly object s_isFromOwnUser = new();

    public static void Configure(KestrelServerOptions kestrel, HttpSettings settings, ServerCertificate? certificate)
    {
        ConnectionsPerAddress perAddress = new(settings.MaxConnectionsPerAddress, settings.Proxies);
        kestrel.Listen(settings.Address, settings.Port, listen =>
        {
            listen.Use(perAddress.Limit);
            Mark(listen, Listener.Main, certificate);
        });
        if (settings.ManagementPort is { } port)
        {
            ConnectionsPerAddress managers = new(settings.MaxConnectionsPerAddress, settings.Proxies);
            kestrel.Listen(settings.ManagementAddress ?? settings.Address, port, listen =>
            {
                listen.Use(managers.Limit);
                Mark(listen, Listener.Management, certificate);
            });
        }

        if (settings.Socket is { } path)
        {
            kestrel.ListenUnixSocket(path, static listen => Mark(listen, Listener.Socket, certificate: null));
        }
    }

    /// <summary>Returns the listener that accepted a request.</summary>
    public static Listener Of(HttpContext context) =>
        context.Features.Get<IConnectionItemsFeature>()?.Items[s_listener] is Listener listener ? listener : Listener.Main;

    /// <summary>Whether the connection of a request, which must not be a forwarded one, comes from a program of the host's user on this
    /// machine. Asks the kernel once per connection.</summary>
    public static bool IsFromOwnUser(HttpContext context)
    {
        ConnectionInfo connection = context.Connection;
        if (connection is not { LocalIpAddress: { } local, RemoteIpAddress: { } remote }
            || context.Features.Get<IConnectionItemsFeature>() is not { Items: { } items })
        {
            return false;
        }

        // HTTP/2 has several requests of a connection at once.
        lock (items)
        {
            if (!items.TryGetValue(s_isFromOwnUser, out object? isOwn))
            {
                items[s_isFromOwnUser] = isOwn =
                    PeerUser.IsOwn(new IPEndPoint(local, connection.LocalPort), new IPEndPoint(remote, connection.RemotePort));
            }

            return isOwn is true;
        }
    }

    /// <summary>Restricts the management port to health and metrics.</summary>
    public static IApplicationBuilder UseManagementPaths(this IApplicationBuilder app) => app.Use(static (context, next) =>
        Of(context) != Listener.Management || context.Request.Path.StartsWithSegments("/health")
            || context.Request.Path.StartsWithSegments("/metrics")
            ? next(context)
            : Answer.ErrorAsync(context, StatusCodes.Status404NotFound, "This port serves only /health, /health/live and /metrics."));

    private static void Mark(ListenOptions listen, Listener listener, ServerCertificate? certificate)
    {
        listen.Protocols = certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
        listen.Use(next => connection =>
        {
            connection.Items[s_listener] = listener;
            return next(connection);
        });
        if (certificate is not null)
        {
            listen.Use(PlainRequests.Answer("Use https:// instead of http://."));
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = TimeSpan.FromSeconds(10),
                OnConnection = _ => new ValueTask<System.Net.Security.SslServerAuthenticationOptions>(
                    new System.Net.Security.SslServerAuthenticationOptions
                    {
                        ServerCertificateContext = certificate.Current,
                        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    }),
            });
        }
    }
}
