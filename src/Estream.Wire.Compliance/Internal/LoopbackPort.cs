using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Estream.Wire.Compliance.Internal;

/// <summary>Provides free ports of 127.0.0.1.</summary>
internal static class LoopbackPort
{
    private const int MaxAttempts = 100;

    // The kernel gives the ports from 32,768 on to outgoing connections: another program could get one before the adapter listens.
    private const int FirstPort = 10_240;
    private const int EndOfPorts = 32_768;

    private static readonly ConcurrentDictionary<int, bool> s_handedOut = new();

    /// <summary>Returns a free port; never the same port twice in a process.</summary>
    public static int Next()
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            int port = Random.Shared.Next(FirstPort, EndOfPorts);
            if (IsFree(port) && s_handedOut.TryAdd(port, true))
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

    private static bool IsFree(int port)
    {
        try
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
