using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Estream.Wire.Compliance;
using Estream.Wire.Compliance.Peers;

namespace Estream.Wire.Iso20022.Tests.Compliance;

/// <summary>A bank that the client connects to. It answers each message with a frame <c>ACK</c>, and sends status reports.</summary>
internal sealed class ClientPeer : IWirePeer
{
    private readonly TcpListener _listener;
    private readonly List<ClientPeerConnection> _open = [];

    public ClientPeer(int port)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
    }

    public async ValueTask<IPeerConnection> OpenAsync(CancellationToken cancellation)
    {
        ClientPeerConnection connection = new(await _listener.AcceptSocketAsync(cancellation));
        connection.Start();
        _open.Add(connection);
        return connection;
    }

    /// <summary>Announces a frame of two gigabytes, and reads until the client has closed the connection.</summary>
    public async ValueTask MisbehaveAsync(CancellationToken cancellation)
    {
        await using ClientPeerConnection connection = (ClientPeerConnection)await OpenAsync(cancellation);
        await connection.SendAsync(new byte[] { 0x7f, 0xff, 0xff, 0xff }, cancellation);
        while (!connection.IsOver)
        {
            await Task.Delay(5, cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        foreach (ClientPeerConnection connection in _open)
        {
            await connection.DisposeAsync();
        }
    }
}

/// <summary>The bank's end of a connection.</summary>
internal sealed class ClientPeerConnection(Socket socket) : TcpPeerConnection(socket)
{
    private const int PrefixBytes = 4;

    private readonly ConcurrentQueue<ComplianceMessage> _received = [];
    private volatile bool _isSilent;

    public override IReadOnlyCollection<ComplianceMessage> Received => [.. _received];

    public override ReadOnlyMemory<byte> Encode(int number, ComplianceMessage message) => Frame(message.Payload.Span);

    public override void FallSilent() => _isSilent = true;

    protected override async Task ReadAsync(NetworkStream stream)
    {
        byte[] prefix = new byte[PrefixBytes];
        while (true)
        {
            await stream.ReadExactlyAsync(prefix).ConfigureAwait(false);
            byte[] document = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix)];
            await stream.ReadExactlyAsync(document).ConfigureAwait(false);
            _received.Enqueue(new ComplianceMessage("pacs.002.001.11"u8.ToArray(), document));
            if (!_isSilent)
            {
                await stream.WriteAsync(Frame("ACK"u8)).ConfigureAwait(false);
            }
        }
    }

    private static byte[] Frame(ReadOnlySpan<byte> content)
    {
        byte[] frame = new byte[PrefixBytes + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, content.Length);
        content.CopyTo(frame.AsSpan(PrefixBytes));
        return frame;
    }
}
