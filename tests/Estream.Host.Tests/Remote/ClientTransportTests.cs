using System.Net;
using System.Net.Sockets;
using Estream.Host.Remote;
using Estream.Testing;
using Microsoft.AspNetCore.Connections;

namespace Estream.Host.Tests.Remote;

public sealed class ClientTransportTests
{
    /// <summary>The umask of the process would otherwise decide who may connect until the mode of the socket is set.</summary>
    [Fact]
    public async Task The_socket_gives_no_rights_to_other_users_when_it_is_bound()
    {
        using TempDirectory folder = new();
        string path = folder.Combine("s");
        ClientTransport transport = new(new ClientSettings { Socket = path });
        await using IConnectionListener listener = await transport.BindAsync(new UnixDomainSocketEndPoint(path));
        Assert.Equal(UnixFileMode.None, SecretFiles.ModeOf(path)
            & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    /// <summary>A thread of the pool cancels the token of Kestrel's base class. If the connection was disposed before that, an exception
    /// ended the process.</summary>
    [Fact]
    public async Task Connection_that_is_disposed_at_once_after_its_abort_is_reported_as_closed()
    {
        IPEndPoint endPoint = new(IPAddress.Loopback, FreePort.Next());
        ClientTransport transport = new(new ClientSettings { EndPoint = endPoint });
        await using IConnectionListener listener = await transport.BindAsync(endPoint);
        for (int i = 0; i < 200; i++)
        {
            using Socket client = new(SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(endPoint);
            ConnectionContext connection = (await listener.AcceptAsync())!;

            connection.Abort();
            await connection.DisposeAsync();

            connection.Abort();

            Assert.True(connection.ConnectionClosed.IsCancellationRequested);
        }
    }
}
