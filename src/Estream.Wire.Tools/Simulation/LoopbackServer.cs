using System.Net;
using System.Net.Sockets;

namespace Estream.Wire.Tools.Simulation;

/// <summary>Accepts TCP connections on the loopback interface for a simulated device or system.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private const int MaxConnections = 100;

    private readonly TcpListener _listener;
    private readonly SemaphoreSlim _places = new(MaxConnections);

    /// <summary>Opens the port.</summary>
    /// <param name="port">The port; 0 for a free one.</param>
    /// <exception cref="WireToolException">The port is in use.</exception>
    public LoopbackServer(int port)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            _listener.Start();
        }
        catch (SocketException failure)
        {
            throw new WireToolException($"Cannot listen on 127.0.0.1:{port} ({failure.Message}). Name another port with --port.");
        }
    }

    /// <summary>The port.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Serves connections until cancelled.</summary>
    /// <param name="serve">Serves a connection until the task completes; an error of the connection ends it.</param>
    /// <param name="cancellation">Ends the server and its connections.</param>
    public async Task RunAsync(Func<NetworkStream, CancellationToken, Task> serve, CancellationToken cancellation)
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                await _places.WaitAsync(cancellation).ConfigureAwait(false);
                Socket socket = await _listener.AcceptSocketAsync(cancellation).ConfigureAwait(false);
                connections.RemoveAll(task => task.IsCompleted);
                connections.Add(ServeAsync(socket, serve, cancellation));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _places.Dispose();
    }

    private async Task ServeAsync(Socket socket, Func<NetworkStream, CancellationToken, Task> serve, CancellationToken cancellation)
    {
        try
        {
            using NetworkStream stream = new(socket, ownsSocket: true);
            await serve(stream, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // The peer is gone, or the simulator ends.
        }
        finally
        {
            _places.Release();
        }
    }
}
