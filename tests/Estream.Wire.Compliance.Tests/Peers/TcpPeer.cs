using System.Net.Sockets;
using Estream.Testing;

namespace Estream.Wire.Compliance.Peers;

/// <summary>A client over TCP that shares no code with an adapter. Tests of several protocols compile this file.</summary>
/// <param name="port">The port of the adapter on loopback.</param>
/// <param name="create">Creates a connection of the protocol.</param>
internal sealed class TcpPeer(int port, Func<Socket, TcpPeerConnection> create) : IWirePeer
{
    private readonly List<TcpPeerConnection> _open = [];

    public async ValueTask<IPeerConnection> OpenAsync(CancellationToken cancellation)
    {
        TcpPeerConnection connection = create(await LoopbackSocket.ConnectAsync(port, cancellation).ConfigureAwait(false));
        connection.Start();
        lock (_open)
        {
            _open.Add(connection);
        }

        return connection;
    }

    public async ValueTask MisbehaveAsync(CancellationToken cancellation) =>
        await LoopbackSocket.MisbehaveAsync(port, cancellation).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        foreach (TcpPeerConnection connection in _open)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}

/// <summary>A connection of a <see cref="TcpPeer"/>, which reads answers all the time.</summary>
internal abstract class TcpPeerConnection(Socket socket) : IPeerConnection
{
    private readonly List<int> _acknowledged = [];
    private volatile bool _isOver;

    public IReadOnlyCollection<int> Acknowledged
    {
        get
        {
            lock (_acknowledged)
            {
                return [.. _acknowledged];
            }
        }
    }

    public IReadOnlyCollection<ComplianceMessage> Received => [];

    public bool IsOver => _isOver;

    public abstract ReadOnlyMemory<byte> Encode(int number, ComplianceMessage message);

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        LoopbackSocket.SendAllAsync(socket, bytes, cancellation);

    /// <summary>The peer sends nothing by itself.</summary>
    public void FallSilent()
    {
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    internal void Start() => _ = ReadAllAsync();

    /// <summary>Reads answers until the connection ends, by an exception.</summary>
    protected abstract Task ReadAsync(NetworkStream stream);

    protected void Acknowledge(int number)
    {
        lock (_acknowledged)
        {
            _acknowledged.Add(number);
        }
    }

    private async Task ReadAllAsync()
    {
        try
        {
            using NetworkStream stream = new(socket, ownsSocket: false);
            await ReadAsync(stream).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // Closed.
        }

        _isOver = true;
    }
}
