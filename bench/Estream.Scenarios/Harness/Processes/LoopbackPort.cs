using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Estream.Scenarios.Harness;

/// <summary>Chooses ports for servers that cannot report the port they were given, and waits for such servers.</summary>
internal static class LoopbackPort
{
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);

    public static int Next()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Returns when a server accepts connections.</summary>
    /// <param name="port">The port of the server.</param>
    /// <param name="server">The name of the server, for the error.</param>
    public static void WaitUntilListening(int port, string server)
    {
        long start = Stopwatch.GetTimestamp();
        while (!Listens(port))
        {
            if (Stopwatch.GetElapsedTime(start) > s_startLimit)
            {
                throw new ScenarioException($"{server} does not listen; see its message above");
            }

            Thread.Sleep(10);
        }
    }

    private static bool Listens(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
