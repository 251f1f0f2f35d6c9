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
    private readonly Channel<byte[]> _requests = Channel.CreateUnbounded<byte[]>();
    private readonly CancellationTokenSource _ended = new();
    private readonly List<byte> _rest = [];
    private volatile bool _isOver;
    private volatile bool _isSilent;

    public DevicePeerConnection(TcpClient client)
    {
        _client = client;
        client.NoDelay = true;
        _ = Task.Run(ReadAsync);
        _ = Task.Run(AnswerAsync);
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

    /// <summary>Reads polls until the connection ends, also while none is answered.</summary>
    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                byte[] request = new byte[12];
                await _client.GetStream().ReadExactlyAsync(request, _ended.Token);
                _requests.Writer.TryWrite(request);
            }
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException or OperationCanceledException
            or InvalidOperationException)
        {
            _isOver = true;
            _requests.Writer.TryComplete();
            _responses.Writer.TryComplete();
        }
    }

    /// <summary>Answers the newest poll with the next message. Older polls have timed out by then.</summary>
    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                byte[] request = await _requests.Reader.ReadAsync(_ended.Token);
                byte[] registers = await _responses.Reader.ReadAsync(_ended.Token);
                while (_requests.Reader.TryRead(out byte[]? newer))
                {
                    request = newer;
                }

                if (!_isSilent)
                {
                    byte[] response = [request[0], request[1], 0, 0, 0, 7, request[6], request[7], RegisterBytes, .. registers];
                    await _client.GetStream().WriteAsync(response, _ended.Token);
                }
            }
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException or OperationCanceledException
            or ChannelClosedException or InvalidOperationException)
        {
            // The connection is over; the reader notices it.
        }
    }
}
