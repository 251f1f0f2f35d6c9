using System.Net;
using System.Net.Sockets;
using Estream.Client.Protocol;
using Estream.Client.Tests.Hosting;
using Estream.Crypto;
using Estream.Testing;

namespace Estream.Client.Tests;

/// <summary>Goal: strangers that connect and say nothing do not keep clients out.</summary>
[Collection(HostCollection.Name)]
public sealed class ConnectionTests
{
    private const int Strangers = 256;

    [Fact]
    public async Task Silent_connections_of_one_address_do_not_keep_another_address_out()
    {
        await using ClientCase host = new();
        string token = host.AddToken(AccessRole.Viewer);
        List<Socket> silent = [.. Enumerable.Range(0, Strangers).Select(_ => Connect(host, IPAddress.Loopback))];
        try
        {
            using Socket other = Connect(host, IPAddress.Parse("127.0.0.2"));
            FrameBuilder frame = new();
            other.Send(frame.Begin().UInt32(ClientHello.Magic).UInt16(ClientHello.Version).UInt16(3600).Text(token).Text("other")
                .End(ClientOp.Hello, 1));
            byte[] header = new byte[FrameParser.HeaderBytes];
            Assert.True(other.Receive(header) > 5, "the host closed the connection of the other address");
            Assert.Equal((ClientOp.Hello, ClientStatus.Ok), ((ClientOp)header[4], (ClientStatus)header[5]));

            // Clients over the Unix socket have no address.
            await host.ConnectAsync();
        }
        finally
        {
            silent.ForEach(socket => socket.Dispose());
        }
    }

    /// <summary>A byte now and then is not a Hello.</summary>
    [Fact]
    public async Task A_connection_that_sends_its_hello_byte_by_byte_is_closed()
    {
        await using ClientCase host = new();
        using Socket slow = Connect(host, IPAddress.Loopback);
        byte[] hello = new byte[FrameParser.MaxHelloBytes];
        BitConverter.GetBytes(hello.Length - sizeof(int)).CopyTo(hello, 0);
        hello[4] = (byte)ClientOp.Hello;
        int sent = 0;
        Eventually.True(
            () =>
            {
                try
                {
                    return slow.Send(hello, sent++, 1, SocketFlags.None) == 0;
                }
                catch (SocketException)
                {
                    return true;
                }
            },
            "the host closes a connection without Hello");
        Assert.InRange(sent, 1, hello.Length);
    }

    private static Socket Connect(ClientCase host, IPAddress from)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 60_000 };
        socket.Bind(new IPEndPoint(from, 0));
        socket.Connect(IPAddress.Loopback, host.Port);
        return socket;
    }
}
