using System.Net;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Endpoint;

/// <summary>The limits that protect other clients from a peer, and the bytes, sessions and connections that count against these
/// limits.</summary>
public class LimitTests
{
    [Fact]
    public async Task CONNECT_above_64_KiB_is_refused()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Open();

        client.Send([0x10, .. Hex.VarInt((64 * 1024) + 1)]);

        client.ExpectRefusal(MqttReasonCode.PacketTooLarge);
    }

    [Fact]
    public async Task Disconnected_session_that_expires_first_is_evicted_at_the_limit()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { MaxSessions = 2 });
        Leave(endpoint, "long", expirySeconds: 100);
        Leave(endpoint, "short", expirySeconds: 50);

        using RawClient third = endpoint.Connect("third");

        using RawClient back = endpoint.Open();
        Assert.Equal(1, back.Connect("long", cleanStart: false).Body[0]);
        using RawClient refused = endpoint.Open();
        refused.Send(ClientPackets.Connect(new ConnectRequest { ClientId = "short" }));
        refused.ExpectRefusal(MqttReasonCode.QuotaExceeded);
    }

    [Fact]
    public async Task Client_that_waits_too_long_for_a_password_check_is_refused_with_ServerBusy()
    {
        using TempDirectory folder = new();
        string file = folder.Combine("passwords");
        SecretFiles.Write(file, MqttPasswordFile.CreateLine("ann", "secret"));

        // The clock stands still, so that only the wait for the check is limited, and not the time until the endpoint reads the CONNECT.
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(
            new MqttEndpointOptions { PasswordFile = file, ConnectTimeoutSeconds = 1 }, new ManualClock());
        byte[] connect = ClientPackets.Connect(new ConnectRequest { ClientId = "pump", UserName = "ann", Password = "secret"u8.ToArray() });
        int places = 0;
        while (await endpoint.Adapter.PasswordGate.EnterAsync(IPAddress.Any, TimeSpan.Zero, CancellationToken.None))
        {
            places++;
        }

        using RawClient busy = endpoint.Open();
        busy.Send(connect);
        busy.ExpectRefusal(MqttReasonCode.ServerBusy);

        for (; places > 0; places--)
        {
            endpoint.Adapter.PasswordGate.Exit();
        }

        using RawClient again = endpoint.Open();
        again.Send(connect);
        Assert.Equal(MqttReasonCode.Success, (MqttReasonCode)again.Read().Body[1]);
    }

    [Fact]
    public async Task Address_with_too_many_wrong_passwords_is_refused_for_a_minute_except_verified_users()
    {
        using TempDirectory folder = new();
        string file = folder.Combine("passwords");
        SecretFiles.Write(file, MqttPasswordFile.CreateLine("ann", "secret"));
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(
            new MqttEndpointOptions { PasswordFile = file, MaxFailedLoginsPerMinute = 2 });
        Assert.Equal(MqttReasonCode.Success, LogIn(endpoint, "secret"));

        Assert.Equal(MqttReasonCode.BadUserNameOrPassword, LogIn(endpoint, "guess 1"));
        Assert.Equal(MqttReasonCode.BadUserNameOrPassword, LogIn(endpoint, "guess 2"));
        Assert.Equal(MqttReasonCode.ConnectionRateExceeded, LogIn(endpoint, "guess 3"));
        Assert.Equal(MqttReasonCode.Success, LogIn(endpoint, "secret"));
    }

    [Fact]
    public async Task Connections_per_address_are_limited()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { MaxConnectionsPerAddress = 1 });
        using (RawClient first = endpoint.Open())
        {
            first.Connect("first");
            using RawClient second = endpoint.Open();
            second.ExpectClosed();
        }

        Eventually.True(() => endpoint.Adapter.Statistics.Connections == 0, "its connection is closed");
        using RawClient next = endpoint.Open();
        next.Connect("next");
    }

    [Fact]
    public async Task User_beyond_its_session_limit_loses_only_its_own_sessions()
    {
        using TempDirectory folder = new();
        string file = folder.Combine("passwords");
        SecretFiles.Write(file, MqttPasswordFile.CreateLine("ann", "secret") + "\n" + MqttPasswordFile.CreateLine("bob", "secret"));
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(
            new MqttEndpointOptions { PasswordFile = file, MaxSessionsPerUser = 2 });
        Assert.False(Leave(endpoint, "bob", "b", 90));
        Assert.False(Leave(endpoint, "ann", "1", 100));
        Assert.False(Leave(endpoint, "ann", "2", 200));
        Assert.False(Leave(endpoint, "ann", "3", 300));

        Assert.True(Leave(endpoint, "bob", "b", 90));
        Assert.True(Leave(endpoint, "ann", "2", 200));
        Assert.True(Leave(endpoint, "ann", "3", 300));
        Assert.False(Leave(endpoint, "ann", "1", 100));
    }

    [Fact]
    public async Task User_beyond_its_subscription_limit_is_refused_in_every_session_and_other_users_are_not()
    {
        using TempDirectory folder = new();
        string file = folder.Combine("passwords");
        string acl = folder.Combine("acl");
        SecretFiles.Write(file, MqttPasswordFile.CreateLine("ann", "secret") + "\n" + MqttPasswordFile.CreateLine("bob", "secret"));
        SecretFiles.Write(acl, "pattern readwrite #\n");
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(
            new MqttEndpointOptions { PasswordFile = file, AclFile = acl, MaxSubscriptionsPerUser = 2 });
        using RawClient first = Join(endpoint, "ann", "1");
        using RawClient second = Join(endpoint, "ann", "2");
        using RawClient other = Join(endpoint, "bob", "3");
        Assert.Equal(MqttReasonCode.Success, Subscribe(first, "a"));
        Assert.Equal(MqttReasonCode.Success, Subscribe(second, "$share/g/b"));
        Assert.Equal(MqttReasonCode.QuotaExceeded, Subscribe(first, "c"));
        Assert.Equal(MqttReasonCode.QuotaExceeded, Subscribe(second, "$share/g/c"));
        Assert.Equal(MqttReasonCode.Success, Subscribe(first, "a"));
        Assert.Equal(MqttReasonCode.Success, Subscribe(other, "c"));

        // A session that ends releases its subscriptions.
        second.Dispose();
        Eventually.True(() => endpoint.Adapter.Statistics.Connections == 2, "its session is over");
        Eventually.True(() => Subscribe(first, "d") == MqttReasonCode.Success, "there is capacity again");
    }

    [Fact]
    public async Task User_beyond_its_limit_of_unfinished_bytes_is_disconnected_and_other_users_are_not()
    {
        using TempDirectory folder = new();
        string file = folder.Combine("passwords");
        SecretFiles.Write(file, MqttPasswordFile.CreateLine("ann", "secret") + "\n" + MqttPasswordFile.CreateLine("bob", "secret"));
        MqttEndpointOptions options = new() { PasswordFile = file, MaxUnfinishedBytesPerUser = 1 << 20, MaxPacketBytes = 1 << 20 };
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(options);
        byte[] begun = [0x30, .. Hex.VarInt(1_000_000), 0, 1, (byte)'a', 0, .. new byte[700_000]];
        using RawClient first = Join(endpoint, "ann", "1");
        using RawClient other = Join(endpoint, "bob", "2");
        first.Send(begun);
        other.Send(begun);
        Eventually.True(() => endpoint.Adapter.Unfinished.Of("ann") > 600_000, "the first packet is held");
        using RawClient second = Join(endpoint, "ann", "3");
        SendUntilClosed(second, begun);
        RawPacket goodbye = second.Read();
        Assert.Equal((PacketType.Disconnect, MqttReasonCode.QuotaExceeded), (goodbye.Type, (MqttReasonCode)goodbye.Body[0]));

        // Complete packets, and packets of a closed connection, no longer count.
        first.Dispose();
        Eventually.True(() => endpoint.Adapter.Unfinished.Of("ann") == 0, "nothing is held");
        using RawClient third = Join(endpoint, "ann", "4");
        third.Send(begun);
        third.Send(new byte[299_996]);
        Eventually.True(() => endpoint.Adapter.Unfinished.Of("ann") == 0, "the packet is complete");
        other.Send(new byte[299_996]);
    }

    private static void SendUntilClosed(RawClient client, byte[] bytes)
    {
        try
        {
            client.Send(bytes);
        }
        catch (IOException)
        {
            // The endpoint reads the rest only for a short time after its DISCONNECT.
        }
    }

    private static RawClient Join(TestEndpoint endpoint, string user, string clientId)
    {
        RawClient client = endpoint.Open();
        client.Send(ClientPackets.Connect(new ConnectRequest
        {
            ClientId = clientId, UserName = user, Password = "secret"u8.ToArray(),
        }));
        Assert.Equal(MqttReasonCode.Success, (MqttReasonCode)client.Read().Body[1]);
        return client;
    }

    private static MqttReasonCode Subscribe(RawClient client, string filter)
    {
        client.Send(ClientPackets.Subscribe(1, [new MqttSubscription(filter, MqttQos.AtMostOnce)]));
        return (MqttReasonCode)client.Read().Body[^1];
    }

    private static MqttReasonCode LogIn(TestEndpoint endpoint, string password)
    {
        using RawClient client = endpoint.Open();
        client.Send(ClientPackets.Connect(new ConnectRequest
        {
            ClientId = "pump", UserName = "ann", Password = System.Text.Encoding.UTF8.GetBytes(password),
        }));
        return (MqttReasonCode)client.Read().Body[1];
    }

    /// <summary>Connects with a session that outlives the connection. Returns whether a session was present.</summary>
    private static bool Leave(TestEndpoint endpoint, string user, string clientId, uint expirySeconds)
    {
        Eventually.True(() => endpoint.Adapter.Statistics.Connections == 0, "the earlier connection is closed");
        using RawClient client = endpoint.Open();
        client.Send(ClientPackets.Connect(new ConnectRequest
        {
            ClientId = clientId, UserName = user, Password = "secret"u8.ToArray(), CleanStart = false,
            SessionExpirySeconds = expirySeconds,
        }));
        RawPacket answer = client.Read();
        Assert.Equal(MqttReasonCode.Success, (MqttReasonCode)answer.Body[1]);
        return answer.Body[0] == 1;
    }

    [Fact]
    public async Task Silent_client_is_rejected_once_and_named_in_the_event()
    {
        TestClock clock = new();
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(clock: clock);
        using RawClient client = endpoint.Open();
        client.Connect(keepAlive: 10);

        clock.AdvanceUntilSomethingComes(client, TimeSpan.FromSeconds(16));
        client.ExpectDisconnect(MqttReasonCode.KeepAliveTimeout);

        // The client stays connected, so the sweeper runs several times before the connection is closed.
        Eventually.True(() => endpoint.Adapter.Statistics.Connections == 0, "its connection is closed");
        Assert.Equal(1, endpoint.Adapter.Statistics.RejectedTotal);
        Assert.Contains(endpoint.Queues.Events, happened => happened.Detail.Contains("'tester'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keep_alive_does_not_expire_while_a_message_waits_for_its_queue()
    {
        TestClock clock = new();
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(clock: clock);
        using RawClient client = endpoint.Open();
        client.Connect("waiting", keepAlive: 10);
        using RawClient silent = endpoint.Open();
        silent.Connect("silent", keepAlive: 10);

        using (QueueHold hold = new(endpoint.Queues))
        {
            // The first message fits no mapping. Its dead letter shows that the endpoint has read all packets and no longer waits for some.
            client.Send(
                [.. RawClient.Publishing("nowhere", "x"), .. RawClient.Publishing(Topic, Json, MqttQos.AtLeastOnce, 1), 0xC0, 0]);
            Eventually.True(() => endpoint.Queues.Events.Any(happened => happened.Kind == AdapterEventKind.DeadLettered),
                "the endpoint handles the messages");
            clock.AdvanceUntilSomethingComes(silent, TimeSpan.FromSeconds(60));
            silent.ExpectDisconnect(MqttReasonCode.KeepAliveTimeout);
        }

        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubAck, 1));
        Assert.Equal(PacketType.PingResp, client.Read().Type);
        client.Publish(Topic, Json, MqttQos.AtLeastOnce, 2);
        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubAck, 2));
    }

    [Fact]
    public async Task Take_over_does_not_wait_forever_for_a_client_that_reads_nothing()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient stuck = endpoint.Connect("pump");
        byte[] pings = [.. Enumerable.Repeat(new byte[] { 0xC0, 0x00 }, 32_768).SelectMany(ping => ping)];
        stuck.Socket.Blocking = false;
        Eventually.True(() => !TrySend(stuck, pings), "neither side reads any more");

        using RawClient next = endpoint.Connect("pump");

        next.Publish(Topic, Json, MqttQos.AtLeastOnce, 1);
        Assert.Equal(MqttReasonCode.Success, next.ExpectAck(PacketType.PubAck, 1));
        Assert.Equal(1, endpoint.Adapter.Statistics.Connections);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.1.2-24")]
    public async Task Client_whose_Maximum_Packet_Size_is_below_the_CONNACK_gets_none()
    {
        // [MQTT-3.1.2-24]
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Open();

        client.Send(ClientPackets.Connect(new ConnectRequest { ClientId = "small", MaximumPacketSize = 5 }));

        client.ExpectClosed();
        Assert.Equal(1, endpoint.Adapter.Statistics.RejectedTotal);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.1.2-24")]
    public async Task Acknowledgement_above_the_Maximum_Packet_Size_is_not_sent()
    {
        // [MQTT-3.1.2-24]
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Open();
        client.Send(ClientPackets.Connect(new ConnectRequest { ClientId = "small", MaximumPacketSize = 40 }));
        Assert.Equal(PacketType.ConnAck, client.Read().Type);
        byte[] filters = [.. Enumerable.Repeat(Hex.Bytes("0001 61 00"), 40).SelectMany(filter => filter)];
        byte[] body = [0, 1, 0, .. filters];

        client.Send([0x82, .. Hex.VarInt(body.Length), .. body]);

        client.ExpectDisconnect(MqttReasonCode.PacketTooLarge);
    }

    private static bool TrySend(RawClient client, byte[] bytes)
    {
        try
        {
            return client.Socket.Send(bytes) > 0;
        }
        catch (System.Net.Sockets.SocketException full) when (full.SocketErrorCode == System.Net.Sockets.SocketError.WouldBlock)
        {
            return false;
        }
    }

    private static void Leave(TestEndpoint endpoint, string client, uint expirySeconds)
    {
        using (RawClient absent = endpoint.Open())
        {
            absent.Connect(client, cleanStart: false, expirySeconds);
        }

        Eventually.True(() => endpoint.Adapter.Statistics.Connections == 0, "the client is disconnected");
    }
}
