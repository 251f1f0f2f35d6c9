using System.Buffers.Binary;
using System.Net.Sockets;
using Estream.Testing;
using Estream.Wire.Compliance;

namespace Estream.Wire.Iso20022.Tests.Compliance;

/// <summary>A sender of frames that shares no code with the adapter.</summary>
internal sealed class ListenerPeer(int port) : IWirePeer
{
    private readonly List<ListenerPeerConnection> _open = [];

    public async ValueTask<IPeerConnection> OpenAsync(CancellationToken cancellation)
    {
        ListenerPeerConnection connection = new(await LoopbackSocket.ConnectAsync(port, cancellation).ConfigureAwait(false));
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
        foreach (ListenerPeerConnection connection in _open)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}

/// <summary>A connection that reads answers all the time. Answers come in the order of the messages.</summary>
internal sealed class ListenerPeerConnection : IPeerConnection
{
    private readonly Socket _socket;
    private readonly List<int> _acknowledged = [];
    private readonly Queue<int> _unanswered = [];
    private volatile bool _isOver;

    public ListenerPeerConnection(Socket socket)
    {
        _socket = socket;
        _ = ReadAsync();
    }

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

    public ReadOnlyMemory<byte> Encode(int number, ComplianceMessage message)
    {
        byte[] frame = new byte[4 + message.Payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, message.Payload.Length);
        message.Payload.CopyTo(frame.AsMemory(4));
        lock (_acknowledged)
        {
            _unanswered.Enqueue(number);
        }

        return frame;
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        LoopbackSocket.SendAllAsync(_socket, bytes, cancellation);

    /// <summary>A peer sends nothing by itself.</summary>
    public void FallSilent()
    {
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ReadAsync()
    {
        byte[] prefix = new byte[4];
        try
        {
            using NetworkStream stream = new(_socket, ownsSocket: false);
            while (true)
            {
                await stream.ReadExactlyAsync(prefix).ConfigureAwait(false);
                byte[] answer = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix)];
                await stream.ReadExactlyAsync(answer).ConfigureAwait(false);
                Take(answer.AsSpan().SequenceEqual("ACK"u8));
            }
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // Closed.
        }

        _isOver = true;
    }

    private void Take(bool isAccepted)
    {
        lock (_acknowledged)
        {
            if (_unanswered.TryDequeue(out int number) && isAccepted)
            {
                _acknowledged.Add(number);
            }
        }
    }
}
