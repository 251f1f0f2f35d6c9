using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Estream.Testing;

/// <summary>TCP ports of the loopback interface that nobody listens on.</summary>
/// <remarks>
/// The kernel picks the port and another process could take it before the test does, so prefer to bind port 0 and ask
/// for the address. Use this where a port has to be written into a configuration file first.
/// </remarks>
public static class FreePort
{
    private const int MaxAttempts = 100;

    private static readonly ConcurrentDictionary<int, bool> s_handedOut = new();

    /// <summary>A free port, never the same twice in one process.</summary>
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

        throw new InvalidOperationException($"No unused loopback port in {MaxAttempts} attempts.");
    }
}
