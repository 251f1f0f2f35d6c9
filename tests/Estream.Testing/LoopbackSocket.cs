using System.Net;
using System.Net.Sockets;

namespace Estream.Testing;

/// <summary>Plain TCP for peers of the compliance suite, which share no code with an adapter.</summary>
public static class LoopbackSocket
{
    /// <summary>Connects to a port of this machine.</summary>
    public static async Task<Socket> ConnectAsync(int port, CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellation).ConfigureAwait(false);
        return socket;
    }

    /// <summary>Sends all bytes.</summary>
    /// <exception cref="IOException">The connection is closed.</exception>
    public static async ValueTask SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(socket);
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await socket.SendAsync(bytes, cancellation).ConfigureAwait(false)..];
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            throw new IOException("The connection is closed.", failure);
        }
    }

    /// <summary>Sends an HTTP request, which no adapter expects, and reads until the connection is closed.</summary>
    public static async Task MisbehaveAsync(int port, CancellationToken cancellation)
    {
        using Socket socket = await ConnectAsync(port, cancellation).ConfigureAwait(false);
        await socket.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), cancellation).ConfigureAwait(false);
        byte[] waste = new byte[1_024];
        try
        {
            while (await socket.ReceiveAsync(waste, cancellation).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Reset: also closed.
        }
    }
}
