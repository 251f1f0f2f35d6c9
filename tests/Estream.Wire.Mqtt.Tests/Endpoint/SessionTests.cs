using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Endpoint;

public class SessionTests
{
    [Fact]
    [Trait("Statement", "MQTT-3.1.2-5")]
    [Trait("Statement", "MQTT-3.2.2-3")]
    [Trait("Statement", "MQTT-4.4.0-1")]
    [Trait("Statement", "MQTT-3.1.2-6")]
    [Trait("Statement", "MQTT-3.1.3-2")]
    public async Task QoS_2_message_is_stored_once_across_a_connection_loss()
    {
        // [MQTT-3.1.2-5] [MQTT-3.2.2-3] [MQTT-4.4.0-1]
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using (RawClient first = endpoint.Open())
        {
            Assert.Equal(0, first.Connect("pump", cleanStart: false, expirySeconds: 100).Body[0]);
            first.Publish(Topic, Json, MqttQos.ExactlyOnce, 9);
            Assert.Equal(MqttReasonCode.Success, first.ExpectAck(PacketType.PubRec, 9));
        }

        using RawClient second = endpoint.Open();
        Assert.Equal(1, second.Connect("pump", cleanStart: false, expirySeconds: 100).Body[0]);
        byte[] again = RawClient.Publishing(Topic, Json, MqttQos.ExactlyOnce, 9);
        again[0] |= 8;
        second.Send(again);
        Assert.Equal(MqttReasonCode.Success, second.ExpectAck(PacketType.PubRec, 9));
        second.Send(0x62, 2, 0, 9);
        Assert.Equal(MqttReasonCode.Success, second.ExpectAck(PacketType.PubComp, 9));
        Assert.Single(endpoint.Queues.ReadTelemetry());
    }

    [Fact]
    [Trait("Statement", "MQTT-3.1.2-4")]
    [Trait("Statement", "MQTT-3.2.2-2")]
    [Trait("Statement", "MQTT-3.1.4-4")]
    public async Task Clean_start_discards_the_session()
    {
        // [MQTT-3.1.2-4] [MQTT-3.2.2-2]
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using (RawClient first = endpoint.Open())
        {
            first.Connect("pump", cleanStart: true, expirySeconds: 100);
            first.Publish(Topic, Json, MqttQos.ExactlyOnce, 9);
            first.ExpectAck(PacketType.PubRec, 9);
        }

        using RawClient second = endpoint.Open();
        Assert.Equal(0, second.Connect("pump", cleanStart: true, expirySeconds: 100).Body[0]);
        second.Publish(Topic, Json, MqttQos.ExactlyOnce, 9);
        second.ExpectAck(PacketType.PubRec, 9);
        Assert.Equal(2, endpoint.Queues.ReadTelemetry().Count);
    }

    [Fact]
    public async Task Session_without_expiry_interval_ends_with_its_connection()
    {
        // Section 3.1.2.11.2
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using (RawClient first = endpoint.Open())
        {
            first.Connect("pump", cleanStart: false);
        }

        Eventually.True(() => endpoint.Adapter.Statistics.Connections == 0, "the first connection is gone");
        using RawClient second = endpoint.Open();
        Assert.Equal(0, second.Connect("pump", cleanStart: false).Body[0]);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.1.2-23")]
    [Trait("Statement", "MQTT-4.1.0-2")]
    public async Task Session_ends_when_its_expiry_interval_has_passed()
    {
        // [MQTT-3.1.2-23]
        TestClock clock = new();
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(clock: clock);
        using (RawClient first = endpoint.Open())
        {
            first.Connect("pump", cleanStart: false, expirySeconds: 100);
        }

        Eventually.True(() => endpoint.Adapter.Statistics.Connections == 0, "the first connection is gone");
        Assert.True(IsPresent(endpoint));
        Eventually.True(() => EndsAfter(clock, endpoint), "the session has ended");
    }

    [Fact]
    public async Task DISCONNECT_can_shorten_the_session_expiry_interval()
    {
        // Section 3.14.2.2.2
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using (RawClient first = endpoint.Open())
        {
            first.Connect("pump", cleanStart: false, expirySeconds: 100);
            first.Send(Hex.Bytes("E0 07 00 05 11 00000000"));
            first.ExpectClosed();
        }

        using RawClient second = endpoint.Open();
        Assert.Equal(0, second.Connect("pump", cleanStart: false).Body[0]);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.1.4-3")]
    public async Task Newer_connection_takes_over_the_session()
    {
        // [MQTT-3.1.4-3]
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient first = endpoint.Open();
        first.Connect("pump", cleanStart: false, expirySeconds: 100);
        first.Publish(Topic, Json, MqttQos.ExactlyOnce, 9);
        first.ExpectAck(PacketType.PubRec, 9);

        using RawClient second = endpoint.Open();
        Assert.Equal(1, second.Connect("pump", cleanStart: false, expirySeconds: 100).Body[0]);

        first.ExpectDisconnect(MqttReasonCode.SessionTakenOver);
        second.Publish(Topic, Json, MqttQos.ExactlyOnce, 9);
        second.ExpectAck(PacketType.PubRec, 9);
        Assert.Single(endpoint.Queues.ReadTelemetry());
    }

    [Fact]
    [Trait("Statement", "MQTT-3.12.4-1")]
    public async Task PINGREQ_is_answered()
    {
        // [MQTT-3.12.4-1]
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();

        client.Send(0xC0, 0);

        Assert.Equal(PacketType.PingResp, client.Read().Type);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.1.2-22")]
    public async Task Silence_for_one_and_a_half_keep_alives_ends_the_connection()
    {
        // [MQTT-3.1.2-22]
        TestClock clock = new();
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(clock: clock);
        using RawClient client = endpoint.Open();
        client.Connect(keepAlive: 100);

        clock.Advance(TimeSpan.FromSeconds(120));
        client.Send(0xC0, 0);
        Assert.Equal(PacketType.PingResp, client.Read().Type);
        clock.AdvanceUntilSomethingComes(client, TimeSpan.FromSeconds(151));

        client.ExpectDisconnect(MqttReasonCode.KeepAliveTimeout);
    }

    [Theory]
    [InlineData(5, 10)]
    [InlineData(4, 10)]
    [InlineData(4, 0)]
    [Trait("Statement", "MQTT-3.1.2-22")]
    public async Task Packet_sent_byte_by_byte_does_not_keep_the_connection_alive(byte version, byte keepAlive)
    {
        // [MQTT-3.1.2-22]. A client without keep-alive may be silent, but not inside a packet.
        TestClock clock = new();
        await using TestEndpoint endpoint =
            await TestEndpoint.StartAsync(new MqttEndpointOptions { MaxKeepAliveSeconds = 10 }, clock: clock);
        using RawClient client = endpoint.Open();
        client.Send(
            [0x10, (byte)(version == 5 ? 14 : 13), 0, 4, .. "MQTT"u8, version, 2, 0, keepAlive, .. version == 5 ? [0] : Array.Empty<byte>(),
                0, 1, (byte)'a']);
        Assert.Equal(PacketType.ConnAck, client.Read().Type);

        client.Send(0x30, 0x80, 0x40);

        // Keep sending bytes while time advances, because the endpoint may read the first byte long after it was sent.
        Eventually.True(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return !TrySend(client) || endpoint.Adapter.Statistics.Connections == 0;
            },
            "its connection is closed");
        Eventually.True(
            () => endpoint.Queues.Events.Any(happened => happened.Detail.Contains("no complete packet", StringComparison.Ordinal)),
            "the reason is reported");

        static bool TrySend(RawClient client)
        {
            try
            {
                client.Send(0);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    [Fact]
    [Trait("Statement", "MQTT-3.1.2-22")]
    public async Task Messages_of_qos_0_keep_the_connection_alive()
    {
        TestClock clock = new();
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(clock: clock);
        using RawClient client = endpoint.Open();
        client.Connect(keepAlive: 100);
        for (int count = 1; count <= 2; count++)
        {
            clock.Advance(TimeSpan.FromSeconds(120));
            client.Publish("x", "1");
            Eventually.True(() => endpoint.Adapter.Statistics.ReceivedTotal == count, "the message is handled");
        }

        client.Send(0x32, 7, 0, 1);
        using RawClient other = endpoint.Open();
        other.Connect("other", keepAlive: 1);
        clock.Advance(TimeSpan.FromMinutes(1));
        other.ExpectDisconnect(MqttReasonCode.KeepAliveTimeout);

        // The end of the other connection shows that the sweeper has checked all connections.
        client.Send((byte)'x', 0, 1, 0, (byte)'1');
        client.ExpectAck(PacketType.PubAck, 1);
    }

    [Fact]
    public async Task Client_without_keep_alive_may_send_a_packet_in_pieces_after_a_long_silence()
    {
        TestClock clock = new();
        await using TestEndpoint endpoint =
            await TestEndpoint.StartAsync(new MqttEndpointOptions { MaxKeepAliveSeconds = 600 }, clock: clock);
        using RawClient client = endpoint.Open();
        client.Send(Hex.Bytes("10 0D 0004 4D515454 04 02 0000 0001 61"));
        Assert.Equal(PacketType.ConnAck, client.Read().Type);

        clock.Advance(TimeSpan.FromHours(1));
        client.Send(0x32, 7, 0, 1);
        using RawClient other = endpoint.Open();
        other.Connect("other", keepAlive: 1);
        clock.Advance(TimeSpan.FromMinutes(1));
        other.ExpectDisconnect(MqttReasonCode.KeepAliveTimeout);

        // The end of the other connection shows that the sweeper has checked all connections.
        client.Send((byte)'x', 0, 1, (byte)'1', (byte)'1');
        client.ExpectAck(PacketType.PubAck, 1);
    }

    [Fact]
    public async Task Peer_that_never_completes_its_CONNECT_is_closed()
    {
        TestClock clock = new();
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(clock: clock);
        using RawClient silent = endpoint.Open();
        using RawClient slow = endpoint.Open();
        slow.Send(0x10, 0x0E, 0x00);
        Eventually.True(() => endpoint.Adapter.Statistics.Connections == 2, "both are connected");

        clock.Advance(TimeSpan.FromSeconds(11));

        silent.ExpectClosed();
        slow.ExpectClosed();
        Eventually.True(() => endpoint.Adapter.Statistics.Connections == 0, "their connections are closed");
    }

    [Fact]
    [Trait("Statement", "MQTT-3.8.4-1")]
    [Trait("Statement", "MQTT-3.8.4-2")]
    [Trait("Statement", "MQTT-3.8.4-6")]
    [Trait("Statement", "MQTT-3.9.3-1")]
    [Trait("Statement", "MQTT-2.2.1-6")]
    [Trait("Statement", "MQTT-3.9.3-2")]
    public async Task SUBSCRIBE_gets_one_reason_code_per_filter_and_the_connection_continues()
    {
        // [MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.8.4-6] [MQTT-3.9.3-1]
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();

        client.Send(Hex.Bytes("82 0F 0102 00 0001 61 00 0001 23 01 0001 2B 02"));
        RawPacket answer = client.Read();
        Assert.Equal(PacketType.SubAck, answer.Type);
        Assert.Equal([1, 2, 0, 0x83, 0xA2, 0xA2], answer.Body);

        client.Send(Hex.Bytes("82 09 0103 00 0003 612362 00"));
        Assert.Equal([1, 3, 0, 0x8F], client.Read().Body);

        client.Publish(Topic, Json, MqttQos.AtLeastOnce, 1);
        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubAck, 1));
    }

    [Fact]
    public async Task SUBACK_names_the_feature_that_is_not_supported()
    {
        // Section 3.9.3. The CONNACK has already announced that these features are not available.
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();

        client.Send(Hex.Bytes("82 10 0102 00 000A 2473686172652F672F61 00"));
        Assert.Equal([1, 2, 0, (byte)MqttReasonCode.SharedSubscriptionsNotSupported], client.Read().Body);

        client.Send(Hex.Bytes("82 09 0103 02 0B07 0001 61 00"));
        Assert.Equal([1, 3, 0, (byte)MqttReasonCode.SubscriptionIdentifiersNotSupported], client.Read().Body);
    }

    [Fact]
    public async Task Message_with_RETAIN_is_stored_like_any_other()
    {
        // A client that ignores Retain Available 0 loses the flag, but neither the message nor the connection.
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();
        byte[] retained = RawClient.Publishing(Topic, Json, MqttQos.AtLeastOnce, 1);
        retained[0] |= 1;

        client.Send(retained);

        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubAck, 1));
        Assert.Equal([Stored], endpoint.Queues.ReadTelemetry());
    }

    [Fact]
    [Trait("Statement", "MQTT-3.10.4-4")]
    [Trait("Statement", "MQTT-3.10.4-5")]
    [Trait("Statement", "MQTT-3.11.3-1")]
    [Trait("Statement", "MQTT-3.10.4-6")]
    [Trait("Statement", "MQTT-3.11.3-2")]
    public async Task UNSUBSCRIBE_without_a_subscription_gets_reason_code_0x11()
    {
        // [MQTT-3.10.4-4] [MQTT-3.10.4-5] [MQTT-3.11.3-1]
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();

        client.Send(Hex.Bytes("A2 09 0102 00 0001 61 0001 62"));

        RawPacket answer = client.Read();
        Assert.Equal(PacketType.UnsubAck, answer.Type);
        Assert.Equal([1, 2, 0, 0x11, 0x11], answer.Body);
    }

    [Fact]
    [Trait("Statement", "MQTT-2.2.1-5")]
    public async Task Acknowledgements_of_unknown_messages_are_answered_or_ignored()
    {
        // [MQTT-2.2.1-5], section 4.3.3
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();

        client.Send(Hex.Bytes("40 02 0007 70 02 0008 50 02 0009"));

        RawPacket answer = client.Read();
        Assert.Equal(0x62, answer.First);
        Assert.Equal([0, 9, 0x92], answer.Body);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.1.2-8")]
    [Trait("Statement", "MQTT-3.1.2-10")]
    [Trait("Statement", "MQTT-3.14.4-3")]
    public async Task Will_is_stored_after_a_connection_loss_but_not_after_DISCONNECT()
    {
        // [MQTT-3.1.2-8] [MQTT-3.1.2-10] [MQTT-3.14.4-3]
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using (RawClient polite = endpoint.Open())
        {
            polite.Send(ConnectWithWill("polite", delaySeconds: 0));
            polite.Read();
            polite.Send(0xE0, 0);
            polite.ExpectClosed();
        }

        using (RawClient rude = endpoint.Open())
        {
            rude.Send(ConnectWithWill("rude", delaySeconds: 0));
            rude.Read();
        }

        Eventually.True(() => endpoint.Queues.ReadTelemetry().Count > 0, "the will is stored");
        Assert.Contains("\"device_id\":\"rude\"", Assert.Single(endpoint.Queues.ReadTelemetry()), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.1.3-9")]
    public async Task Delayed_will_is_dropped_when_its_client_reconnects_in_time()
    {
        // [MQTT-3.1.3-9]
        TestClock clock = new();
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(clock: clock);
        foreach (string client in new[] { "back", "gone" })
        {
            using RawClient lost = endpoint.Open();
            lost.Send(ConnectWithWill(client, delaySeconds: 50));
            lost.Read();
        }

        Eventually.True(() => endpoint.Adapter.Statistics.Connections == 0, "both are gone");
        using RawClient back = endpoint.Open();
        back.Connect("back", cleanStart: false);
        Assert.Empty(endpoint.Queues.ReadTelemetry());
        clock.Advance(TimeSpan.FromSeconds(51));

        Eventually.True(() => endpoint.Queues.ReadTelemetry().Count > 0, "the other's will is stored");
        Assert.Contains("\"device_id\":\"gone\"", Assert.Single(endpoint.Queues.ReadTelemetry()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_sends_a_DISCONNECT_to_every_client()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();

        await endpoint.StopAsync();

        client.ExpectDisconnect(MqttReasonCode.ServerShuttingDown);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.14.0-1")]
    public async Task Stop_sends_nothing_to_a_client_before_its_CONNACK()
    {
        // [MQTT-3.14.0-1]
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Open();
        client.Send(0x10, 0x0E, 0x00);
        Eventually.True(() => endpoint.Adapter.Statistics.Connections == 1, "it is connected");

        await endpoint.StopAsync();

        client.ExpectClosed();
        Assert.Equal(0, endpoint.Adapter.Statistics.RejectedTotal);
    }

    [Fact]
    public async Task Stop_stores_received_messages()
    {
        // The clock stands still: on a busy machine, storing can take longer than the endpoint continues to read.
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(clock: new ManualClock());
        using RawClient client = endpoint.Connect();
        byte[] burst = [.. Enumerable.Range(0, 5_000).SelectMany(_ => RawClient.Publishing(Topic, Json))];
        client.Send(burst);

        await endpoint.StopAsync();

        client.ExpectDisconnect(MqttReasonCode.ServerShuttingDown);
        Assert.Equal(5_000, endpoint.Queues.ReadTelemetry().Count);
    }

    [Fact]
    public async Task Receive_Maximum_quota_is_reset_with_each_connection()
    {
        // Section 4.9: two messages of the earlier connection still wait for their PUBREL, and two new messages are allowed nevertheless.
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { ReceiveMaximum = 2 });
        for (ushort round = 0; round < 2; round++)
        {
            using RawClient client = endpoint.Open();
            client.Connect("pump", cleanStart: false, expirySeconds: 100);
            for (ushort id = 1; id <= 2; id++)
            {
                client.Publish(Topic, Json, MqttQos.ExactlyOnce, (ushort)((round * 2) + id));
                Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubRec, (ushort)((round * 2) + id)));
            }
        }

        Assert.Equal(4, endpoint.Queues.ReadTelemetry().Count);
    }

    [Fact]
    public async Task Client_identifier_with_a_line_break_cannot_forge_a_log_line()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect("x\nfatal: all is lost");

        client.Send(0xC1, 0);
        client.ExpectDisconnect(MqttReasonCode.MalformedPacket);

        Assert.Contains(endpoint.Queues.Events, happened => happened.Kind == AdapterEventKind.ProtocolViolation);
        Assert.All(endpoint.Queues.Events, happened => Assert.DoesNotContain('\n', happened.Detail));
    }

    private static bool EndsAfter(TestClock clock, TestEndpoint endpoint)
    {
        clock.Advance(TimeSpan.FromSeconds(101));
        return !IsPresent(endpoint);
    }

    private static bool IsPresent(TestEndpoint endpoint)
    {
        using RawClient client = endpoint.Open();
        bool isPresent = client.Connect("pump", cleanStart: false, expirySeconds: 100).Body[0] == 1;
        client.Send(Hex.Bytes("E0 07 00 05 11 00000064"));
        client.ExpectClosed();
        return isPresent;
    }
}
