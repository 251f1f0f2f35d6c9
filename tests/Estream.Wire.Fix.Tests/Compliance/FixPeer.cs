using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Estream.Wire.Compliance;

namespace Estream.Wire.Fix.Tests.Compliance;

/// <summary>Counterparties for the acceptor, or the venue that an initiator connects to.</summary>
internal sealed class FixPeer : IWirePeer
{
    public const string Adapter = "ESTREAM";
    public const string User = "peer";

    /// <summary>The number of counterparties.</summary>
    public const int Names = 4;

    private readonly ComplianceSite _site;
    private readonly TcpListener? _listener;
    private readonly List<FixPeerConnection> _connections = [];
    private int _turn;

    public FixPeer(ComplianceSite site, bool isVenue)
    {
        _site = site;
        if (isVenue)
        {
            _listener = new TcpListener(IPAddress.Loopback, site.Port);
            _listener.Start();
        }
    }

    public static string NameOf(int index)
    {
        return string.Create(CultureInfo.InvariantCulture, $"PEER{index + 1}");
    }

    public async ValueTask<IPeerConnection> OpenAsync(CancellationToken cancellation)
    {
        if (_listener is not null)
        {
            FixPeerConnection taken = await BeginAsync(NameOf(0), cancellation);
            await taken.WelcomeAsync(cancellation);
            return taken;
        }

        // A session whose last connection was just cut may not be free yet, so use the next counterparty.
        while (true)
        {
            FixPeerConnection connection = await BeginAsync(NameOf(_turn++ % Names), cancellation);
            if (await connection.LoginAsync(User, _site.Secret, cancellation))
            {
                return connection;
            }

            await connection.DisposeAsync();
            cancellation.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask MisbehaveAsync(CancellationToken cancellation)
    {
        FixPeerConnection connection = await BeginAsync(NameOf(0), cancellation);
        await connection.MisbehaveAsync(isVenue: _listener is not null, cancellation);
        await connection.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _listener?.Stop();
        foreach (FixPeerConnection connection in _connections)
        {
            await connection.DisposeAsync();
        }
    }

    private async Task<FixPeerConnection> BeginAsync(string name, CancellationToken cancellation)
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
        FixPeerConnection connection = new(client, client.GetStream(), name);
        _connections.Add(connection);
        return connection;
    }
}
