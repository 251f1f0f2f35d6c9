using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Estream.Wire.Compliance;

namespace Estream.Wire.Modbus.Tests.Compliance;

/// <summary>A device that answers each poll with the next message; a poll waits until there is one. Written from the standard without the
/// product's codec.</summary>
internal sealed class DevicePeer : IWirePeer
{
    private readonly TcpListener _listener;
    private readonly List<DevicePeerConnection> _connections = [];

    public DevicePeer(ComplianceSite site)
    {
        _listener = new TcpListener(IPAddress.Loopback, site.Port);
        _listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Start();
    }

    public async ValueTask<IPeerConnection> OpenAsync(CancellationToken cancellation)
    {
        DevicePeerConnection connection = new(await _listener.AcceptTcpClientAsync(cancellation));
        _connections.Add(connection);
        return connection;
    }

    public async ValueTask MisbehaveAsync(CancellationToken cancellation)
    {
        using TcpClient client = await _listener.AcceptTcpClientAsync(cancellation);
        await client.GetStream().WriteAsync("no Modbus at all"u8.ToArray(), cancellation);
        byte[] rest = new byte[256];
        try
        {
            while (await client.GetStream().ReadAsync(rest, cancellation) > 0)
            {
                // Until the adapter closes the connection.
            }
        }
        catch (IOException)
        {
            // It was reset.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        foreach (DevicePeerConnection connection in _connections)
        {
            await connection.DisposeAsync();
        }
    }
}

/// <summary>A connection of the poller. A message is its two registers; the bytes that are sent become the responses, in order.</summary>
internal sealed class DevicePeerConnection : IPeerConnection
{
    private const int RegisterBytes = 4;
    private const int MostWaiting = 64;

    private readonly TcpClient _client;
    private readonly Channel<byte[]> _responses = Channel.CreateBounded<byte[]>(MostWaiting);
    private readonly CancellationTokenSource _ended = new();
    private readonly List<byte> _rest = [];
    private volatile bool _isOver;
    private volatile bool _isSilent;

    public DevicePeerConnection(TcpClient client)
    {
        _client = client;
        client.NoDelay = true;
        _ = Task.Run(ServeAsync);
    }

    public IReadOnlyCollection<int> Acknowledged => [];

    public IReadOnlyCollection<ComplianceMessage> Received => [];

    public bool IsOver => _isOver;

    public ReadOnlyMemory<byte> Encode(int number, ComplianceMessage message) => message.Payload[^RegisterBytes..];

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        _rest.AddRange(bytes.ToArray());
        while (_rest.Count >= RegisterBytes)
        {
            byte[] next = [.. _rest.Take(RegisterBytes)];
            try
            {
                await _responses.Writer.WriteAsync(next, cancellation);
            }
            catch (ChannelClosedException failure)
            {
                throw new IOException("The connection is closed.", failure);
            }

            _rest.RemoveRange(0, RegisterBytes);
        }
    }

    public void FallSilent() => _isSilent = true;

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _responses.Writer.TryComplete();
        _client.Client?.Close(0);
        _client.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            NetworkStream stream = _client.GetStream();
            byte[] request = new byte[12];
            while (true)
            {
                await stream.ReadExactlyAsync(request, _ended.Token);
                byte[] registers = await NextAsync();
                byte[] response = [request[0], request[1], 0, 0, 0, 7, request[6], request[7], RegisterBytes, .. registers];
                await stream.WriteAsync(response, _ended.Token);
            }
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException or OperationCanceledException or ChannelClosedException
            or InvalidOperationException)
        {
            _isOver = true;
            _responses.Writer.TryComplete();
        }
    }

    /// <summary>Waits for the next message, and notices meanwhile that the adapter has closed the connection.</summary>
    private async Task<byte[]> NextAsync()
    {
        byte[]? next;
        while (_isSilent || !_responses.Reader.TryRead(out next))
        {
            // Polls that arrive meanwhile stay unread; only the end of the connection has no bytes.
            if (_client.Client.Poll(0, SelectMode.SelectRead) && _client.Client.Available == 0)
            {
                throw new IOException("The adapter has closed the connection.");
            }

            using CancellationTokenSource look = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
            look.CancelAfter(5);
            try
            {
                await _responses.Reader.WaitToReadAsync(look.Token);
            }
            catch (OperationCanceledException) when (!_ended.IsCancellationRequested)
            {
                // Look again.
            }
        }

        return next;
    }
}
