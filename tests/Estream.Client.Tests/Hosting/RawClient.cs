using System.Buffers.Binary;
using System.Net.Sockets;
using Estream.Client.Protocol;

namespace Estream.Client.Tests.Hosting;

/// <summary>A connection that a test controls byte by byte.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly FrameBuilder _frame = new();
    private readonly Socket _socket;

    private RawClient(Socket socket) => _socket = socket;

    /// <summary>The number of bytes that have arrived and were not read.</summary>
    public int Available => _socket.Available;

    /// <summary>Connects over the Unix socket of the host and sends Hello, with an hour of keep-alive.</summary>
    public static RawClient Connect(ClientCase host)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };
        socket.Connect(new UnixDomainSocketEndPoint(host.Socket));
        RawClient client = new(socket);
        client.Send(ClientOp.Hello, 1, frame =>
            frame.UInt32(ClientHello.Magic).UInt16(ClientHello.Version).UInt16(3600).Text("").Text("raw"));
        Assert.Equal(ClientStatus.Ok, client.Receive().Status);
        return client;
    }

    public void Send(ClientOp op, uint id, Action<FrameBuilder> write)
    {
        write(_frame.Begin());
        Send(_frame.End(op, id));
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    /// <summary>Subscribes to the queue from its oldest message, with all credit that a frame can grant.</summary>
    public void Subscribe(uint id) => Send(ClientOp.Subscribe, id, frame =>
        frame.Text(ClientCase.Queue).Byte((byte)StartKind.Start).Int64(0).UInt32(uint.MaxValue).Text("").Text("").Text(""));

    /// <summary>Receives the next frame.</summary>
    public (ClientOp Op, ClientStatus Status, uint Id) Receive()
    {
        byte[] header = new byte[FrameParser.HeaderBytes];
        ReceiveExactly(header);
        ReceiveExactly(new byte[BinaryPrimitives.ReadInt32LittleEndian(header) - FrameParser.CountedBytes]);
        return ((ClientOp)header[4], (ClientStatus)header[5], BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8)));
    }

    /// <summary>Closes the connection with a reset, as a killed process with unread bytes does.</summary>
    public void Dispose() => _socket.Dispose();

    private void ReceiveExactly(byte[] bytes)
    {
        for (int received = 0; received < bytes.Length;)
        {
            int count = _socket.Receive(bytes.AsSpan(received));
            received += count > 0 ? count : throw new IOException("The host has closed the connection.");
        }
    }
}
