using System.Net;
using System.Security.Authentication;
using Estream.Crypto;
using Estream.Host.Configuration;
using Estream.Host.Http;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Estream.Host.Remote;

/// <summary>The sockets for remote clients. Kestrel accepts the connections and does TLS.</summary>
internal static class ClientListeners
{
    public static void Configure(KestrelServerOptions kestrel, ClientSettings settings, HttpSettings http)
    {
        IServiceProvider services = kestrel.ApplicationServices;
        if (settings.Socket is { } path)
        {
            // The mode of the socket admits only the host's user, who can do everything the host can.
            Identity user = new("the user of the host", AccessRole.Admin);
            kestrel.ListenUnixSocket(path, listen => listen.Run(connection => ServeAsync(services, connection, "socket", user)));
        }

        if (settings.EndPoint is not { } endPoint)
        {
            return;
        }

        ServerCertificate? certificate = settings.Certificate is { } file
            ? new ServerCertificate(file, settings.CertificateKey, TimeProvider.System,
                services.GetRequiredService<ILoggerFactory>().CreateLogger("Estream.Host.Client"))
            : null;
        ConnectionsPerAddress perAddress = new(settings.MaxConnectionsPerAddress, []);
        kestrel.Listen(endPoint, listen =>
        {
            listen.Use(perAddress.Limit);
            if (certificate is not null)
            {
                UseTls(listen, certificate);
            }

            listen.Run(connection =>
                ServeAsync(services, connection, connection.RemoteEndPoint?.ToString() ?? "", Local(connection, http)));
        });
    }

    private static void UseTls(ListenOptions listen, ServerCertificate certificate) => listen.UseHttps(new TlsHandshakeCallbackOptions
    {
        HandshakeTimeout = TimeSpan.FromSeconds(10),
        OnConnection = _ => new ValueTask<System.Net.Security.SslServerAuthenticationOptions>(
            new System.Net.Security.SslServerAuthenticationOptions
            {
                ServerCertificateContext = certificate.Current,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            }),
    });

    private static Task ServeAsync(IServiceProvider services, ConnectionContext connection, string origin, Identity? identity) =>
        services.GetRequiredService<RemoteServer>()
            .ServeAsync(connection.Transport, new RemotePeer(origin, identity), () => connection.Abort());

    private static Identity? Local(ConnectionContext connection, HttpSettings http) =>
        connection.RemoteEndPoint is IPEndPoint { Address: { } address } && IPAddress.IsLoopback(address)
            && http.LoopbackRole > AccessRole.None
            ? new Identity("this machine", http.LoopbackRole)
            : null;
}
