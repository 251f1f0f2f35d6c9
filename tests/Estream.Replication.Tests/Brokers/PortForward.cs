using System.Net;
using System.Net.Sockets;

namespace Estream.Replication.Tests.Brokers;

/// <summary>Forwards the connections of a port of this machine to another port, until they are cut.</summary>
internal sealed class PortForward : IDisposable
{
    private readonly TcpListener _listener;
    private readonly int _target;
    private volatile bool _isCut;

    public PortForward(int port, int target)
    {
        (_listener, _target) = (new TcpListener(IPAddress.Loopback, port), target);
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Forwards no byte any more, and keeps the connections open: both sides see silence, as when a cable is cut.</summary>
    public void Cut() => _isCut = true;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ForwardAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using TcpClient broker = new("127.0.0.1", _target);
        using (client)
        {
            Task there = CopyAsync(client.GetStream(), broker.GetStream());
            await Task.WhenAny(there, CopyAsync(broker.GetStream(), client.GetStream()));
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        byte[] buffer = new byte[64 << 10];
        for (int read; (read = await from.ReadAsync(buffer)) > 0;)
        {
            if (!_isCut)
            {
                await to.WriteAsync(buffer.AsMemory(0, read));
            }
        }
    }
}
