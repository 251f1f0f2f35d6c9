using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Estream.Wire.Compliance;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Compliance;

/// <summary>An MQTT 5 connection of a peer, written from the standard without the product's codec: a client for the endpoint, or a broker
/// for the client.</summary>
internal sealed class MqttPeerConnection(TcpClient client, Stream stream, bool isBroker) : IPeerConnection
{
    private const byte ConnAck = 0x20;
    private const byte Publish = 0x30;
    private const byte PubAck = 0x40;
    private const byte Subscribe = 0x80;
    private const byte PingReq = 0xC0;
    private const byte Disconnect = 0xE0;
    private const byte QosOne = 0x02;
    private const int MaxPacketBytes = 1024 * 1024;

    private static readonly TimeSpan s_ping = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<int, bool> _acknowledged = new();
    private readonly ConcurrentQueue<ComplianceMessage> _received = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isSilent;

    public IReadOnlyCollection<int> Acknowledged => [.. _acknowledged.Keys];

    public IReadOnlyCollection<ComplianceMessage> Received => [.. _received];

    public bool IsOver => _over.Task.IsCompleted;

    /// <summary>Connects as a device with user, password and a keep-alive of eight seconds.</summary>
    public async Task LoginAsync(string clientId, string user, string password, CancellationToken cancellation)
    {
        byte[] body = [.. Text("MQTT"), 5, 0xC2, 0, 8, 0, .. Text(clientId), .. Text(user), .. Text(password)];
        await SendAsync(Packet(0x10, body), cancellation);
        (byte first, byte[] answer) = await ReadPacketAsync(cancellation);
        if (first != ConnAck || answer[1] != 0)
        {
            throw new IOException($"The endpoint refused the connection: 0x{Convert.ToHexString(answer)}");
        }

        _ = ReadAsync();
        _ = PingAsync();
    }

    /// <summary>Accepts a client and grants its only subscription.</summary>
    public async Task WelcomeAsync(CancellationToken cancellation)
    {
        await ReadPacketAsync(cancellation);
        await SendAsync(Packet(ConnAck, [0, 0, 0]), cancellation);
        (byte first, byte[] request) = await ReadPacketAsync(cancellation);
        if ((first & 0xF0) != Subscribe)
        {
            throw new IOException($"The client did not subscribe but sent 0x{first:X2}.");
        }

        await SendAsync(Packet(0x90, [request[0], request[1], 0, 1]), cancellation);
        _ = ReadAsync();
    }

    public ReadOnlyMemory<byte> Encode(int number, ComplianceMessage message)
    {
        byte[] body =
        [
            (byte)(message.Topic.Length >> 8), (byte)message.Topic.Length, .. message.Topic.Span,
            (byte)(number >> 8), (byte)number, 0, .. message.Payload.Span,
        ];
        return Packet(Publish | QosOne, body);
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            await stream.WriteAsync(bytes, cancellation);
        }
        catch (ObjectDisposedException failure)
        {
            throw new IOException("The connection is cut.", failure);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void FallSilent()
    {
        _isSilent = true;
    }

    /// <summary>Waits until the adapter has ended the connection.</summary>
    public Task WaitUntilOverAsync(CancellationToken cancellation)
    {
        return _over.Task.WaitAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();

        // Resets the connection instead of closing it: no DISCONNECT is sent, and unsent data is lost.
        client.Client?.Close(0);
        client.Dispose();
    }

    private static byte[] Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return [(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];
    }

    private static byte[] Packet(int first, byte[] body)
    {
        return [(byte)first, .. Hex.VarInt(body.Length), .. body];
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                (byte first, byte[] body) = await ReadPacketAsync(_ended.Token);
                if (first == Disconnect)
                {
                    break;
                }

                await HandleAsync(first, body);
            }
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection is over; the reason does not matter.
        }

        _over.TrySetResult();
    }

    private async Task HandleAsync(byte first, byte[] body)
    {
        switch (first & 0xF0)
        {
            case PubAck:
                _acknowledged[(body[0] << 8) | body[1]] = true;
                break;
            case PingReq when isBroker && !_isSilent:
                await SendAsync(Packet(0xD0, []), _ended.Token);
                break;
            case Publish:
                int topicEnd = 2 + ((body[0] << 8) | body[1]);
                bool isAcknowledged = (first & QosOne) != 0;
                int payload = topicEnd + (isAcknowledged ? 3 : 1);
                _received.Enqueue(new ComplianceMessage(body.AsMemory(2, topicEnd - 2), body.AsMemory(payload)));
                if (isAcknowledged)
                {
                    await SendAsync(Packet(PubAck, [body[topicEnd], body[topicEnd + 1]]), _ended.Token);
                }

                break;
        }
    }

    private async Task<(byte First, byte[] Body)> ReadPacketAsync(CancellationToken cancellation)
    {
        byte[] one = new byte[1];
        await stream.ReadExactlyAsync(one, cancellation);
        byte first = one[0];
        int length = 0;
        int shift = 0;
        do
        {
            await stream.ReadExactlyAsync(one, cancellation);
            length |= (one[0] & 0x7F) << shift;
            shift += 7;
        }
        while (one[0] >= 0x80 && shift < 28);

        if (length > MaxPacketBytes)
        {
            throw new IOException($"The adapter sent a packet of {length} bytes.");
        }

        byte[] body = new byte[length];
        await stream.ReadExactlyAsync(body, cancellation);
        return (first, body);
    }

    private async Task PingAsync()
    {
        while (!_ended.IsCancellationRequested && !IsOver)
        {
            await Task.Delay(s_ping, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_isSilent || _ended.IsCancellationRequested)
            {
                return;
            }

            try
            {
                await SendAsync(Packet(PingReq, []), _ended.Token);
            }
            catch (Exception end) when (end is IOException or OperationCanceledException)
            {
                return;
            }
        }
    }
}
