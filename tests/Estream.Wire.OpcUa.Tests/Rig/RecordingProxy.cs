using System.Net;
using System.Net.Sockets;

namespace Estream.Wire.OpcUa.Tests.Rig;

/// <summary>Forwards connections to a server, records their bytes, and cuts them.</summary>
internal sealed class RecordingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _port;
    private readonly List<Socket> _sockets = [];
    private readonly List<(bool FromClient, byte[] Bytes)> _recorded = [];
    private bool _isDisposed;

    /// <param name="port">The port of the server.</param>
    public RecordingProxy(int port)
    {
        _port = port;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The bytes of all connections in their order.</summary>
    public IReadOnlyList<(bool FromClient, byte[] Bytes)> Recorded
    {
        get
        {
            lock (_recorded)
            {
                return [.. _recorded];
            }
        }
    }

    /// <summary>Cuts all connections.</summary>
    public void Cut()
    {
        lock (_sockets)
        {
            _sockets.ForEach(socket => socket.Dispose());
            _sockets.Clear();
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        _listener.Dispose();
        Cut();
    }

    private async Task AcceptAsync()
    {
        while (!_isDisposed)
        {
            try
            {
                Socket client = await _listener.AcceptSocketAsync();
                Socket server = new(SocketType.Stream, ProtocolType.Tcp);
                await server.ConnectAsync(IPAddress.Loopback, _port);
                lock (_sockets)
                {
                    _sockets.AddRange([client, server]);
                }

                _ = ForwardAsync(client, server, fromClient: true);
                _ = ForwardAsync(server, client, fromClient: false);
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                // The server is not there, or the test ends.
            }
        }
    }

    private async Task ForwardAsync(Socket from, Socket to, bool fromClient)
    {
        byte[] buffer = new byte[65_536];
        try
        {
            while (await from.ReceiveAsync(buffer) is var count and > 0)
            {
                lock (_recorded)
                {
                    _recorded.Add((fromClient, buffer[..count]));
                }

                await to.SendAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // The connection was cut.
        }

        from.Dispose();
        to.Dispose();
    }
}
