using System.Net.Sockets;

namespace Estream.Wire;

/// <summary>TCP options of connections with short answers: answers are sent without delay, and a lost peer is detected within about a
/// minute.</summary>
internal static class WireKeepAlive
{
    private const int IdleSeconds = 30;
    private const int IntervalSeconds = 10;
    private const int Tries = 3;

    /// <summary>Sets the options.</summary>
    /// <param name="socket">A connected socket.</param>
    /// <exception cref="SocketException">The connection has ended.</exception>
    public static void Set(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, IdleSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, IntervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Tries);
    }
}
