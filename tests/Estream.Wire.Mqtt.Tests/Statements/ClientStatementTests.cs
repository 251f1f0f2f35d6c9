using System.Buffers;
using System.Text;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Statements;

/// <summary>Statements that bind a client and that no other test covers.</summary>
public class ClientStatementTests
{
    [Fact]
    public async Task MQTT_3_1_2_20_idle_client_sends_PINGREQ()
    {
        TestClock clock = new();
        using RawServer server = new();
        using TestQueues queues = new(clock: clock);
        await using TestClient client = await TestClient.StartAsync(
            TestClient.Options(server.Port) with { KeepAliveSeconds = 600 }, queues);
        using RawClient connection = server.AcceptSubscriber();
        client.WaitUntilHealthy();

        clock.Advance(TimeSpan.FromSeconds(301));

        Assert.Equal(PacketType.PingReq, connection.Read().Type);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.2.2-21")]
    public async Task MQTT_3_1_2_21_client_uses_the_Server_Keep_Alive()
    {
        // With the client's own keep-alive the PINGREQ would come after ten minutes.
        TestClock clock = new();
        using RawServer server = new();
        using TestQueues queues = new(clock: clock);
        await using TestClient client = await TestClient.StartAsync(
            TestClient.Options(server.Port) with { KeepAliveSeconds = 1_200, Subscriptions = [] }, queues);
        using RawClient connection = server.Accept(properties: [0x13, 0, 100]);
        client.WaitUntilHealthy();

        clock.Advance(TimeSpan.FromSeconds(51));

        Assert.Equal(PacketType.PingReq, connection.Read().Type);
    }

    [Fact]
    public async Task MQTT_3_2_2_11_client_publishes_nothing_above_the_Maximum_QoS()
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port) with { Subscriptions = [] });
        using RawClient connection = server.Accept(properties: [0x24, 0]);
        client.WaitUntilHealthy();

        Assert.Equal(EmitCode.Refused, (await Emit(client, "1", quality: 1)).Code);
        Assert.Equal(EmitStatus.Ok, await Emit(client, "0", quality: 0));

        RawPacket packet = connection.Read();
        Assert.Equal(0x30, packet.First);
        Assert.Equal((byte)'0', packet.Body[^1]);
    }

    [Theory]
    [InlineData("27 0000000B", "a Maximum Packet Size of 11, and the message had 12")]
    [InlineData("2400", "a Maximum QoS of 0")]
    [Trait("Statement", "MQTT-3.2.2-11")]
    public async Task MQTT_3_2_2_15_message_is_not_resent_when_the_broker_no_longer_accepts_it(string properties, string what)
    {
        Assert.NotEmpty(what);
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port) with { Subscriptions = [] });
        Task<EmitStatus> emitting;
        using (RawClient first = server.Accept())
        {
            client.WaitUntilHealthy();
            emitting = Emit(client, "1234", quality: 1);
            Assert.Equal(0x32, first.Read().First);
        }

        using RawClient second = server.Accept(isSessionPresent: true, Hex.Bytes(properties));
        Assert.Equal(EmitCode.NotConnected, (await emitting).Code);
        client.WaitUntilHealthy();
        Assert.Equal(EmitStatus.Ok, await Emit(client, "0", quality: 0));

        RawPacket packet = second.Read();
        Assert.Equal(0x30, packet.First);
        Assert.Equal((byte)'0', packet.Body[^1]);
    }

    [Theory]
    [InlineData("2500")]
    [InlineData("2500 220010")]
    [Trait("Statement", "MQTT-3.2.2-17")]
    [Trait("Statement", "MQTT-3.2.2-18")]
    public async Task MQTT_3_2_2_14_message_without_RETAIN_and_alias_is_sent_when_they_are_not_available(string properties)
    {
        // Retain Available is 0, first without and then with topic aliases.
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port) with { Subscriptions = [] });
        using RawClient connection = server.Accept(properties: Hex.Bytes(properties));
        client.WaitUntilHealthy();

        for (int number = 0; number < 2; number++)
        {
            Assert.Equal(EmitStatus.Ok, await Emit(client, "x", quality: 0));

            RawPacket packet = connection.Read();
            Assert.Equal(0x30, packet.First);
            Assert.Equal([0, 1, (byte)'a', 0, (byte)'x'], packet.Body);
        }
    }

    [Fact]
    public async Task MQTT_3_3_2_10_client_accepts_every_topic_alias_up_to_the_maximum()
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port) with { TopicAliasMaximum = 3 });
        using RawClient connection = server.AcceptSubscriber();

        for (byte alias = 1; alias <= 3; alias++)
        {
            connection.Send(WithAlias(Topic, alias, packetId: alias));
            Assert.Equal(MqttReasonCode.Success, connection.ExpectAck(PacketType.PubAck, alias));
        }

        for (byte alias = 1; alias <= 3; alias++)
        {
            connection.Send(WithAlias("", alias, packetId: alias));
            Assert.Equal(MqttReasonCode.Success, connection.ExpectAck(PacketType.PubAck, alias));
        }

        Assert.Equal(Enumerable.Repeat(Stored, 6), client.Queues.ReadTelemetry());
    }

    [Fact]
    [Trait("Statement", "MQTT-4.9.0-3")]
    public async Task MQTT_3_3_4_8_exhausted_send_quota_delays_only_QoS_1_and_2_messages()
    {
        // Receive Maximum is 1, and the message in flight is not acknowledged.
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port) with { Subscriptions = [] });
        using RawClient connection = server.Accept(properties: [0x21, 0, 1]);
        client.WaitUntilHealthy();
        Task<EmitStatus> first = Emit(client, "1", quality: 1);
        byte[] identifier = connection.Read().Body[3..5];
        Task<EmitStatus> second = Emit(client, "2", quality: 1);

        connection.Publish(Topic, Json, MqttQos.AtLeastOnce, 7);
        Assert.Equal(MqttReasonCode.Success, connection.ExpectAck(PacketType.PubAck, 7));
        Assert.Equal(EmitStatus.Ok, await Emit(client, "0", quality: 0));
        Assert.Equal(0x30, connection.Read().First);

        connection.Send([0x40, 2, .. identifier]);
        Assert.Equal(EmitStatus.Ok, await first);
        RawPacket next = connection.Read();
        Assert.Equal(0x32, next.First);
        Assert.Equal((byte)'2', next.Body[^1]);
        connection.Send([0x40, 2, .. next.Body[3..5]]);
        Assert.Equal(EmitStatus.Ok, await second);
    }

    [Fact]
    public async Task MQTT_4_4_0_2_refused_message_is_not_resent()
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port));
        using (RawClient first = server.AcceptSubscriber())
        {
            client.WaitUntilHealthy();
            Task<EmitStatus> emitting = Emit(client, "1", quality: 1);
            first.Send([0x40, 3, .. first.Read().Body[3..5], (byte)MqttReasonCode.QuotaExceeded]);
            Assert.Equal(EmitCode.Deferred, (await emitting).Code);
        }

        using RawClient second = server.AcceptSubscriber(isSessionPresent: true);
        client.WaitUntilHealthy();
        Assert.Equal(EmitStatus.Ok, await Emit(client, "0", quality: 0));

        RawPacket packet = second.Read();
        Assert.Equal(0x30, packet.First);
        Assert.Equal((byte)'0', packet.Body[^1]);
    }

    [Fact]
    public async Task MQTT_4_6_0_3_PUBRECs_are_sent_in_message_order()
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port, MqttQos.ExactlyOnce));
        using RawClient connection = server.AcceptSubscriber(grant: 2);
        ushort[] identifiers = [9, 1, 65_535, 2];

        connection.Send([.. identifiers.SelectMany(id => RawClient.Publishing(Topic, Json, MqttQos.ExactlyOnce, id))]);

        foreach (ushort id in identifiers)
        {
            Assert.Equal(MqttReasonCode.Success, connection.ExpectAck(PacketType.PubRec, id));
        }
    }

    [Fact]
    public void MQTT_4_12_0_7_client_sends_CONNECT_without_an_authentication_method()
    {
        byte[] connect = ClientPackets.Connect(new ConnectRequest { ClientId = "a", UserName = "u", Password = [1] });

        Assert.False(ConnectPacket.Decode(connect.AsSpan(2), out ConnectPacket packet).IsFault);
        Assert.False(packet.HasAuthenticationMethod);
        Assert.False(packet.HasAuthenticationData);
    }

    private static byte[] WithAlias(string topic, byte alias, byte packetId)
    {
        byte[] body =
            [0, (byte)topic.Length, .. Encoding.UTF8.GetBytes(topic), 0, packetId, 3, 0x23, 0, alias, .. Encoding.UTF8.GetBytes(Json)];
        return [0x32, (byte)body.Length, .. body];
    }

    private static Task<EmitStatus> Emit(TestClient client, string payload, int quality)
    {
        EgressMessage message = new() { Quality = quality };
        message.Topic.Write("a"u8);
        message.Payload.Write(Encoding.UTF8.GetBytes(payload));
        return client.Adapter.Emit(message, CancellationToken.None).AsTask();
    }
}
