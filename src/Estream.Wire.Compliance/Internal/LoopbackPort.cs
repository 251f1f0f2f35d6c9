using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Estream.Wire.Compliance.Internal;

/// <summary>Provides free ports of 127.0.0.1.</summary>
internal static class LoopbackPort
{
    private const int MaxAttempts = 100;

    private static readonly ConcurrentDictionary<int, bool> s_handedOut = new();

    /// <summary>Returns a free port; never the same port twice in a process.</summary>
    public static int Next()
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            int port = ((IPEndPoint)socket.LocalEndPoint!).Port;
            if (s_handedOut.TryAdd(port, true))
            {
                return port;
            }
        }

        throw new ComplianceException($"127.0.0.1 had no unused port in {MaxAttempts} attempts; stop programs that use many ports.");
    }

    /// <summary>Listens on a port.</summary>
    /// <exception cref="ComplianceException">The port is in use.</exception>
    public static Socket Take(int port, string promise)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return socket;
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw new ComplianceException($"{promise}; port {port} is in use.", failure);
        }
    }
}
