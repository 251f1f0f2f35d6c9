using System.Net;
using System.Net.Sockets;

namespace Estream.Wire.Compliance.Tests.Line;

/// <summary>The peer of a line adapter: connects to an adapter that listens, and listens for an adapter that dials.</summary>
internal sealed class LinePeer : IWirePeer
{
    private readonly ComplianceSite _site;
    private readonly TcpListener? _listener;
    private readonly List<LinePeerConnection> _connections = [];

    public LinePeer(ComplianceSite site, bool listens)
    {
        _site = site;
        if (listens)
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
        LinePeerConnection connection = await BeginAsync(cancellation);
        await connection.SendAsync("GET / HTTP/1.1\n"u8.ToArray(), cancellation);
        await connection.WaitUntilOverAsync(cancellation);
        await connection.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _listener?.Stop();
        foreach (LinePeerConnection connection in _connections)
        {
            await connection.DisposeAsync();
        }
    }

    private async Task<LinePeerConnection> BeginAsync(CancellationToken cancellation)
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
        LinePeerConnection connection = new(client);
        _connections.Add(connection);
        await connection.BeginAsync(_listener is null ? _site.Secret : null, cancellation);
        return connection;
    }
}
