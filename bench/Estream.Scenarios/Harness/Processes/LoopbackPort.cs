using System.Net;
using System.Net.Sockets;

namespace Estream.Scenarios.Harness;

/// <summary>Ports for servers that cannot be asked which one they were given.</summary>
internal static class LoopbackPort
{
    public static int Next()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
