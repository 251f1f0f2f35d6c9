using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Estream.Scenarios.Harness;

/// <summary>
/// A peer in a child process that answers on a loopback socket, one client at a time. The child prints <c>port N</c>, and exits when its
/// input ends.
/// </summary>
internal static class SocketAnswerer
{
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);

    /// <summary>Starts the child.</summary>
    /// <param name="role">Its argument.</param>
    /// <param name="what">Its name in errors.</param>
    /// <param name="port">The port to connect to.</param>
    public static ChildProcess Start(string role, string what, out int port)
    {
        var child = new ChildProcess(SelfProcess.Start(role), what);
        port = int.Parse(child.Receive(s_startLimit)["port ".Length..], CultureInfo.InvariantCulture);
        return child;
    }

    /// <summary>The child side.</summary>
    /// <param name="role">The argument of the child.</param>
    /// <param name="arguments">What follows it.</param>
    /// <param name="answer">Answers a client until its connection ends.</param>
    public static int Run(string role, ReadOnlySpan<string> arguments, Action<Socket> answer)
    {
        if (arguments.Length != 0)
        {
            throw new ScenarioException($"{role} is reserved for the harness");
        }

        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"port {((IPEndPoint)listener.LocalEndPoint!).Port}"));
        new Thread(() => Serve(listener, answer)) { IsBackground = true }.Start();
        while (Console.ReadLine() is not null)
        {
        }

        return 0;
    }

    /// <summary>Fills a span from a socket. Returns false if the connection ends before.</summary>
    public static bool TryFill(Socket socket, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int read = socket.Receive(destination);
            if (read == 0)
            {
                return false;
            }

            destination = destination[read..];
        }

        return true;
    }

    private static void Serve(Socket listener, Action<Socket> answer)
    {
        while (true)
        {
            using Socket connection = listener.Accept();
            connection.NoDelay = true;
            try
            {
                answer(connection);
            }
            catch (SocketException)
            {
                // The client closed the connection. The next client is accepted.
            }
        }
    }
}
