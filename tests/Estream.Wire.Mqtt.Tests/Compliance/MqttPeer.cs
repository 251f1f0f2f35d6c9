using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Estream.Wire.Compliance;

namespace Estream.Wire.Mqtt.Tests.Compliance;

/// <summary>Devices for the endpoint, with a pin if it uses TLS, or a broker for the client.</summary>
internal sealed class MqttPeer : IWirePeer
{
    public const string User = "peer";

    private readonly ComplianceSite _site;
    private readonly WirePin? _pin;
    private readonly TcpListener? _listener;
    private readonly List<MqttPeerConnection> _connections = [];

    public MqttPeer(ComplianceSite site, bool isBroker, WirePin? pin = null)
    {
        _site = site;
        _pin = pin;
        if (isBroker)
        {
            _listener = new TcpListener(IPAddress.Loopback, site.Port);
            _listener.Start();
        }
    }

    public async ValueTask<IPeerConnection> OpenAsync(CancellationToken cancellation)
    {
        return await BeginAsync(cancellation);
    }

    public async ValueTask MisbehaveAsync(CancellationToken cancellation)
    {
        MqttPeerConnection connection = await BeginAsync(cancellation);

        // Packet type 0 is reserved, in both directions.
        await connection.SendAsync(new byte[] { 0, 0 }, cancellation);
        await connection.WaitUntilOverAsync(cancellation);
        await connection.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _listener?.Stop();
        foreach (MqttPeerConnection connection in _connections)
        {
            await connection.DisposeAsync();
        }
    }

    private async Task<MqttPeerConnection> BeginAsync(CancellationToken cancellation)
    {
        TcpClient client;
        if (_listener is null)
        {
            client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _site.Port, cancellation);
        }
        else
        {
            client = await _listener.AcceptTcpClientAsync(cancellation);
        }

        client.NoDelay = true;
        MqttPeerConnection connection = new(client, await SecureAsync(client.GetStream(), cancellation), isBroker: _listener is not null);
        _connections.Add(connection);

        // Each connection gets a unique name: two devices with the same name would take over each other's session.
        await (_listener is null
            ? connection.LoginAsync($"peer-{_connections.Count}", User, _site.Secret, cancellation)
            : connection.WelcomeAsync(cancellation));
        return connection;
    }

    private async Task<Stream> SecureAsync(Stream plain, CancellationToken cancellation)
    {
        if (_pin is null)
        {
            return plain;
        }

        SslStream secure = new(plain);
        await secure.AuthenticateAsClientAsync(new WireTlsOptions { Pins = [_pin] }.ToClientOptions("localhost"), cancellation);
        return secure;
    }
}
