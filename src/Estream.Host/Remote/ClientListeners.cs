using System.Net;
using System.Security.Authentication;
using Estream.Host.Http;
using Estream.Wire.Internal;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Estream.Host.Remote;

/// <summary>The sockets for remote clients. Kestrel accepts the connections and does TLS.</summary>
internal static class ClientListeners
{
    public static void Configure(KestrelServerOptions kestrel, ClientSettings settings)
    {
        IServiceProvider services = kestrel.ApplicationServices;
        if (settings.Socket is { } path)
        {
            kestrel.ListenUnixSocket(path, listen => listen.Run(connection =>
                ServeAsync(services, connection, "socket", static () => AccessControl.HostUser)));
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
                ServeAsync(services, connection, connection.RemoteEndPoint?.ToString() ?? "", Local(services, connection)));
        });
    }

    private static void UseTls(ListenOptions listen, ServerCertificate certificate)
    {
        listen.Use(PlainRequests.Answer(
            "It serves clients of Estream (estreams://), not HTTP. The console uses the port Estream:Http:Port."));
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

    private static Task ServeAsync(IServiceProvider services, ConnectionContext connection, string origin, Func<Identity?> identify) =>
        services.GetRequiredService<RemoteServer>()
            .ServeAsync(connection.Transport,
                new RemotePeer(origin, identify) { Address = (connection.RemoteEndPoint as IPEndPoint)?.Address },
                () => connection.Abort());

    private static Func<Identity?> Local(IServiceProvider services, ConnectionContext connection)
    {
        AccessControl access = services.GetRequiredService<AccessControl>();
        Lazy<bool> isOwn = new(() => connection is { LocalEndPoint: IPEndPoint local, RemoteEndPoint: IPEndPoint remote }
            && PeerUser.IsOwn(local, remote));
        return () => access.ThisMachine is { } identity && isOwn.Value ? identity : null;
    }
}
