using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Estream.Testing;

namespace Estream.Host.Tests.Process.Outages;

/// <summary>Relays TCP connections between a peer and the host. The test can reset all of them, as the kernel does when a peer is killed:
/// both sides see a reset at any byte of a message.</summary>
internal sealed class TcpRelay : IDisposable
{
    private const int BufferBytes = 4_096;

    private readonly IPAddress _address;
    private readonly IPEndPoint _target;
    private readonly ConcurrentDictionary<Socket, bool> _sockets = [];
    private TcpListener _listener;

    /// <param name="listen">The address to listen on.</param>
    /// <param name="target">The server.</param>
    public TcpRelay(string listen, IPEndPoint target)
    {
        (_address, _target, Port) = (IPAddress.Parse(listen), target, FreePort.Next());
        _listener = Listen();
    }

    public int Port { get; }

    /// <summary>Resets all connections and refuses others.</summary>
    public void Kill()
    {
        _listener.Dispose();
        foreach (Socket socket in _sockets.Keys)
        {
            Reset(socket);
        }
    }

    /// <summary>Accepts connections again on the same port.</summary>
    public void Restart() => _listener = Listen();

    public void Dispose() => Kill();

    private TcpListener Listen()
    {
        TcpListener listener = new(_address, Port);
        listener.Start();
        _ = AcceptAsync(listener);
        return listener;
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Dispose();
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // The socket was closed at the same time.
        }
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptSocketAsync());
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The relay was killed.
        }
    }

    private async Task ServeAsync(Socket accepted)
    {
        Socket connected = new(SocketType.Stream, ProtocolType.Tcp);
        _sockets[accepted] = _sockets[connected] = true;
        try
        {
            await connected.ConnectAsync(_target);
            await Task.WhenAny(CopyAsync(accepted, connected), CopyAsync(connected, accepted));
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // The target is not there, or the relay was killed.
        }
        finally
        {
            Reset(accepted);
            Reset(connected);
            _sockets.TryRemove(accepted, out _);
            _sockets.TryRemove(connected, out _);
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        try
        {
            byte[] buffer = new byte[BufferBytes];
            int count;
            while ((count = await from.ReceiveAsync(buffer)) > 0)
            {
                for (int sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
                }
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // One side is gone.
        }
    }
}
