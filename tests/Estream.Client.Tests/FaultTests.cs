using System.Buffers.Binary;
using System.Net.Sockets;
using Estream.Client.Protocol;
using Estream.Client.Tests.Hosting;
using Estream.Crypto;
using Estream.Testing;

namespace Estream.Client.Tests;

/// <summary>Goal: nothing acknowledged is lost and nothing is stored twice, whatever process or connection dies, and a wrong role changes
/// nothing.</summary>
[Collection(HostCollection.Name)]
public sealed class FaultTests
{
    private static readonly CancellationToken s_limit = new CancellationTokenSource(TimeSpan.FromMinutes(60)).Token;

    [Fact]
    public async Task Messages_are_stored_once_and_in_order_while_the_host_is_killed()
    {
        int kills = LongRun.Count(2, 60);
        await using ClientCase host = new();
        EstreamClient client = await host.ConnectAsync();
        EstreamClient reader = await host.ConnectAsync(new EstreamClientOptions { SubscriptionBytes = 16 << 10 });
        await using RemoteAppender appender = client.Queue(ClientCase.Queue).CreateAppender();
        using CancellationTokenSource stop = new();

        Task<long> appending = Task.Run(async () =>
        {
            long sent = 0;
            while (!stop.IsCancellationRequested)
            {
                await appender.AppendAsync(BitConverter.GetBytes(sent++), s_limit);
                if (sent % 500 == 0)
                {
                    await appender.FlushAsync(s_limit);
                }
            }

            await appender.FlushAsync(s_limit);
            return sent;
        });
        Task<List<long>> reading = Task.Run(() => ReadAsync(reader));

        for (int i = 0; i < kills; i++)
        {
            long before = appender.Acknowledged;
            Eventually.True(() => appender.Acknowledged > before + 1000 || appending.IsCompleted, "messages are acknowledged");
            host.Host.Kill();
            host.Restart();
        }

        await stop.CancelAsync();
        long total = await appending;
        Assert.Equal(total, appender.Acknowledged);
        await client.Queue(ClientCase.Queue).AppendAsync(BitConverter.GetBytes(-1L), s_limit);
        List<long> read = await reading;
        Assert.Equal(Enumerable.Range(0, (int)total).Select(i => (long)i), read);
        RemoteQueueInfo info = await client.Queue(ClientCase.Queue).GetInfoAsync(s_limit);
        Assert.Equal(total + 1, info.NextSequence);
    }

    [Fact]
    public async Task Messages_are_stored_once_and_in_order_while_connections_are_cut_at_any_byte()
    {
        int total = LongRun.Count(20_000, 1_000_000);
        await using ClientCase host = new();

        // More than a request of an appender, which has up to 128 KiB.
        using CuttingProxy proxy = new(host.Socket, host.Combine("proxy.sock"), cutAfter: 400_000, seed: 7);
        EstreamClient writer = await EstreamClient.ConnectAsync(proxy.Address);
        await using EstreamClient reader = await EstreamClient.ConnectAsync(proxy.Address);
        Task<List<long>> reading = Task.Run(() => ReadAsync(reader));
        await using (writer)
        {
            await using RemoteAppender appender = writer.Queue(ClientCase.Queue).CreateAppender();
            byte[] message = new byte[100];
            for (long i = 0; i < total; i++)
            {
                BitConverter.TryWriteBytes(message, i);
                await appender.AppendAsync(message, s_limit);
            }

            BitConverter.TryWriteBytes(message, -1L);
            await appender.AppendAsync(message, s_limit);
            await appender.FlushAsync(s_limit);
        }

        Assert.Equal(Enumerable.Range(0, total).Select(i => (long)i), await reading);
        Assert.True(proxy.Cuts > 5);
    }

    [Fact]
    public async Task A_half_open_connection_is_replaced_and_its_cursor_taken_over()
    {
        await using ClientCase host = new();
        using CuttingProxy proxy = new(host.Socket, host.Combine("proxy.sock"), cutAfter: int.MaxValue, seed: 7);
        await using EstreamClient client = await EstreamClient.ConnectAsync(
            proxy.Address, new EstreamClientOptions { KeepAlive = TimeSpan.FromSeconds(2) });
        RemoteQueue queue = client.Queue(ClientCase.Queue);
        await queue.AppendBatchAsync([QueueTests.Bytes("a"), QueueTests.Bytes("b")]);
        await using MessageSubscription messages = await queue.SubscribeAsync(new SubscribeOptions { Cursor = "mine" }, s_limit);
        List<RemoteMessage> read = await QueueTests.TakeAsync(messages, 2);
        await messages.CommitAsync(read[0], s_limit);

        // The proxy keeps the connections open and forwards nothing more: neither side is told.
        proxy.StopForwarding();
        Task<long> append = queue.AppendAsync(QueueTests.Bytes("c"), s_limit);
        EstreamClient second = await host.ConnectAsync();
        await using MessageSubscription next = await second.Queue(ClientCase.Queue).SubscribeAsync(
            new SubscribeOptions { Cursor = "mine" }, s_limit);

        Assert.Equal(["b", "c"], (await QueueTests.TakeAsync(next, 2)).Select(QueueTests.TextOf));
        Assert.True(await append > read[1].Position);
    }

    [Fact]
    public async Task A_host_that_accepts_a_connection_and_is_silent_gets_another_attempt()
    {
        await using ClientCase host = new();
        string path = host.Combine("silent.sock");
        using Socket silent = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        silent.Bind(new UnixDomainSocketEndPoint(path));
        silent.Listen();
        Task<EstreamClient> connecting = EstreamClient.ConnectAsync(new Uri($"unix:{path}"));
        using Socket first = await silent.AcceptAsync(s_limit);
        File.Delete(path);
        using CuttingProxy proxy = new(host.Socket, path, cutAfter: int.MaxValue, seed: 7);
        await using EstreamClient client = await connecting;
        Assert.Equal(0, (await client.Queue(ClientCase.Queue).GetInfoAsync()).NextSequence);
    }

    [Fact]
    public async Task A_wrong_role_and_a_wrong_token_change_nothing_and_are_audited()
    {
        await using ClientCase host = new();
        EstreamClient admin = await host.ConnectAsync();
        string viewer = host.AddToken(AccessRole.Viewer);
        EstreamClient client = await host.ConnectAsync(new EstreamClientOptions { Token = viewer }, overTcp: true);

        Assert.Equal(ClientStatus.Forbidden, await QueueTests.StatusOf(() => client.Queue(ClientCase.Queue).AppendAsync(new byte[1])));
        Assert.Equal(ClientStatus.Forbidden, await QueueTests.StatusOf(() =>
            client.Map(ClientCase.Map).PutAsync("a", new byte[1]).AsTask()));
        Assert.Equal(ClientStatus.Forbidden, await QueueTests.StatusOf(() =>
            client.Queue(ClientCase.Queue).SubscribeAsync(new SubscribeOptions { Cursor = "mine" })));
        Assert.Equal(ClientStatus.Unauthorized, await QueueTests.StatusOf(() =>
            host.ConnectAsync(new EstreamClientOptions { Token = "wrong-token-0123456789" }, overTcp: true)));

        Assert.Equal(0, (await admin.Queue(ClientCase.Queue).GetInfoAsync()).NextSequence);
        Assert.Null(await admin.Map(ClientCase.Map).GetAsync("a"));
        Eventually.True(
            () => host.Get("/api/audit?last=20") is var audit && audit.Contains("client append", StringComparison.Ordinal)
                && audit.Contains("client hello", StringComparison.Ordinal),
            "the refusals are in the audit");
    }

    [Fact]
    public async Task A_connection_whose_token_is_revoked_ends()
    {
        await using ClientCase host = new();
        EstreamClient client = await host.ConnectAsync(
            new EstreamClientOptions { Token = host.AddToken(AccessRole.Viewer) }, overTcp: true);
        RemoteQueue queue = client.Queue(ClientCase.Queue);
        Assert.Equal(0, (await queue.GetInfoAsync(s_limit)).NextSequence);

        Assert.Single(AccessTokenFile.Revoke(Path.Combine(host.Data, "tokens"), "test"));

        await Eventually.TrueAsync(async () =>
        {
            try
            {
                await queue.GetInfoAsync(s_limit);
                return false;
            }
            catch (EstreamClientException refused)
            {
                return refused.Status == ClientStatus.Unauthorized;
            }
        }, "the host ends the connection and refuses another");
    }

    [Fact]
    public async Task Requests_whose_responses_have_no_room_together_are_all_answered_in_order()
    {
        const int Requests = 500;
        await using ClientCase host = new();
        await (await host.ConnectAsync()).Map(ClientCase.Map).PutAsync("large", new byte[100_000]);
        using Socket socket = Connect(host);
        FrameBuilder frame = new();
        using MemoryStream sent = new();
        sent.Write(frame.Begin().UInt32(ClientHello.Magic).UInt16(ClientHello.Version).UInt16(60).Text("").Text("test")
            .End(ClientOp.Hello, 0));
        for (uint id = 1; id <= Requests; id++)
        {
            sent.Write(frame.Begin().Text(ClientCase.Map).ShortBytes("large"u8).End(ClientOp.MapGet, id));
        }

        socket.Send(sent.ToArray());
        using NetworkStream received = new(socket);
        byte[] response = new byte[200_000];
        for (uint id = 0; id <= Requests; id++)
        {
            received.ReadExactly(response, 0, sizeof(uint));
            int length = BinaryPrimitives.ReadInt32LittleEndian(response);
            received.ReadExactly(response, 0, length);
            Assert.Equal(ClientStatus.Ok, (ClientStatus)response[1]);
            Assert.Equal(id, BinaryPrimitives.ReadUInt32LittleEndian(response.AsSpan(4)));
        }
    }

    [Fact]
    public async Task A_connection_that_sends_garbage_or_nothing_is_closed_and_others_go_on()
    {
        await using ClientCase host = new(""", "MaxConnections": 4""");
        EstreamClient client = await host.ConnectAsync();
        using Socket garbage = Connect(host);
        garbage.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8);
        Assert.Equal(ClientStatus.ProtocolError, ReadEnd(garbage));

        using Socket huge = Connect(host);
        huge.Send([0xff, 0xff, 0xff, 0x7f, (byte)ClientOp.Hello, 0, 0, 0, 1, 0, 0, 0]);
        Assert.Equal(ClientStatus.ProtocolError, ReadEnd(huge));

        // Half-open connections: they take up connections until the host closes them for their silence.
        List<Socket> silent = [.. Enumerable.Range(0, 3).Select(_ => Connect(host))];
        await client.Queue(ClientCase.Queue).AppendAsync(new byte[1]);
        Eventually.True(() => silent.TrueForAll(IsClosed), "silent connections are closed");
        silent.ForEach(socket => socket.Dispose());
        EstreamClient another = await host.ConnectAsync(overTcp: true);
        Assert.Equal(1, (await another.Queue(ClientCase.Queue).GetInfoAsync()).NextSequence);
    }

    private static async Task<List<long>> ReadAsync(EstreamClient client)
    {
        List<long> read = [];
        await using MessageSubscription subscription = await client.Queue(ClientCase.Queue).SubscribeAsync(cancellation: s_limit);
        await foreach (RemoteMessage message in subscription.WithCancellation(s_limit))
        {
            long number = BitConverter.ToInt64(message.Payload.Span);
            if (number < 0)
            {
                break;
            }

            read.Add(number);
        }

        return read;
    }

    private static Socket Connect(ClientCase host)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 60_000 };
        socket.Connect("127.0.0.1", host.Port);
        return socket;
    }

    /// <summary>Reads the last frame of a connection that the host closes.</summary>
    private static ClientStatus ReadEnd(Socket socket)
    {
        byte[] bytes = new byte[4096];
        int length = 0;
        while (socket.Receive(bytes.AsSpan(length)) is > 0 and int received)
        {
            length += received;
        }

        return (ClientStatus)bytes[5];
    }

    private static bool IsClosed(Socket socket) => socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
}
