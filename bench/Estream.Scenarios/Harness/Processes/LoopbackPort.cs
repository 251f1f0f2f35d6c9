using System.Net;
using System.Net.Sockets;

namespace Estream.Scenarios.Harness;

/// <summary>Chooses ports for servers that cannot report the port they were given.</summary>
internal static class LoopbackPort
{
    public static int Next()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
