using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Estream.Wire.OpcUa.Simulation;

namespace Estream.Wire.OpcUa;

/// <summary>
/// A small OPC UA server for first steps and tests: variables below the folder Objects/Simulation, on loopback, without security. Serves
/// GetEndpoints, sessions, Browse, Read, Write, Call of ResendData, and subscriptions with Republish and TransferSubscriptions.
/// Thread-safe.
/// </summary>
public sealed class OpcUaSimulator : IAsyncDisposable
{
    private const int MaxConnections = 100;

    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<SimulatorConnection, Task> _connections = [];
    private readonly Task _accepting;

    /// <summary>Starts a server.</summary>
    /// <param name="port">The port on 127.0.0.1; 0 for a free one.</param>
    /// <exception cref="WireConnectionException">The port is taken.</exception>
    public OpcUaSimulator(int port = 0)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            _listener.Start();
        }
        catch (SocketException failure)
        {
            _listener.Dispose();
            throw new WireConnectionException(
                $"Port {port} cannot be bound: {failure.Message}. Choose another port.", isTransient: true, failure);
        }

        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        State = new SimulatorState(Url);
        _accepting = AcceptAsync();
    }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>The URL of the endpoint.</summary>
    public string Url => $"opc.tcp://127.0.0.1:{Port}/simulator";

    internal SimulatorState State { get; }

    /// <summary>Adds a variable `ns=1;s=NAME`.</summary>
    /// <param name="name">The name; unique.</param>
    /// <param name="value">The first value.</param>
    /// <param name="isWritable">Whether clients may write the variable.</param>
    /// <returns>The identifier.</returns>
    /// <exception cref="ArgumentException">There is a variable of this name.</exception>
    public UaNodeId AddVariable(string name, UaVariant value, bool isWritable = false) => State.Add(name, value, isWritable).Node;

    /// <summary>Changes the value of a variable.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="KeyNotFoundException">The variable does not exist.</exception>
    public void SetValue(string name, UaVariant value) => State.Find(name).Set(value);

    /// <summary>Returns the value of a variable.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="KeyNotFoundException">The variable does not exist.</exception>
    public UaVariant GetValue(string name) => State.Find(name).Value.Value;

    /// <summary>Ends all connections, as a broken network does. Sessions and subscriptions remain.</summary>
    internal void DropConnections()
    {
        foreach (SimulatorConnection connection in _connections.Keys)
        {
            connection.Drop();
        }
    }

    /// <summary>Stops the server and ends its connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        DropConnections();
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_connections.Values).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _listener.AcceptSocketAsync(_stop.Token).ConfigureAwait(false);
                if (_connections.Count >= MaxConnections)
                {
                    socket.Dispose();
                    continue;
                }

                SimulatorConnection connection = new(socket, State);
                TaskCompletionSource start = new();
                _connections[connection] = ServeAsync(connection, start.Task);
                start.SetResult();
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The listener was closed, or a client was gone before it was accepted.
            }
        }
    }

    private async Task ServeAsync(SimulatorConnection connection, Task start)
    {
        await start.ConfigureAwait(false);
        await connection.RunAsync().ConfigureAwait(false);
        _connections.TryRemove(connection, out _);
    }
}
