using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Endpoint;

public class PublishTests
{
    [Fact]
    public async Task QoS_0_message_is_stored_with_the_device_from_its_topic()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();

        client.Publish(Topic, Json);

        Eventually.True(() => endpoint.Queues.ReadTelemetry().Count == 1, "the message is stored");
        Assert.Equal(Stored, endpoint.Queues.ReadTelemetry()[0]);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.3.4-1")]
    [Trait("Statement", "MQTT-2.2.1-5")]
    [Trait("Statement", "MQTT-4.3.2-4")]
    public async Task QoS_1_message_is_stored_before_its_PUBACK_arrives()
    {
        // [MQTT-3.3.4-1] [MQTT-2.2.1-5]
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();

        client.Publish(Topic, Json, MqttQos.AtLeastOnce, 77);

        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubAck, 77));
        Assert.Equal([Stored], endpoint.Queues.ReadTelemetry());
    }

    [Fact]
    [Trait("Statement", "MQTT-4.3.3-8")]
    [Trait("Statement", "MQTT-4.3.3-10")]
    [Trait("Statement", "MQTT-4.3.3-11")]
    public async Task QoS_2_message_is_stored_once_even_when_resent()
    {
        // [MQTT-4.3.3-8] [MQTT-4.3.3-10] [MQTT-4.3.3-11]
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();
        byte[] publish = RawClient.Publishing(Topic, Json, MqttQos.ExactlyOnce, 5);

        client.Send(publish);
        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubRec, 5));
        publish[0] |= 8;
        client.Send(publish);
        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubRec, 5));
        client.Send(0x62, 2, 0, 5);
        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubComp, 5));
        client.Send(0x62, 2, 0, 5);
        Assert.Equal(MqttReasonCode.PacketIdentifierNotFound, client.ExpectAck(PacketType.PubComp, 5));

        Assert.Single(endpoint.Queues.ReadTelemetry());
    }

    [Fact]
    public async Task Payload_that_does_not_fit_the_schema_is_acknowledged_and_becomes_a_dead_letter()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();

        client.Publish(Topic, "{\"value\":\"high\"}", MqttQos.AtLeastOnce, 1);

        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubAck, 1));
        Assert.Empty(endpoint.Queues.ReadTelemetry());
        string letter = Assert.Single(endpoint.Queues.ReadDeadLetters());
        Assert.Contains("\"source\":\"devices\"", letter, StringComparison.Ordinal);
        Assert.Contains($"\"topic\":\"{Topic}\"", letter, StringComparison.Ordinal);
        Assert.Contains("field 'value'", letter, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower("{\"value\":\"high\"}"u8), letter, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_without_a_mapping_becomes_a_dead_letter_and_gets_reason_code_0x10()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();

        client.Publish("somewhere/else", "x", MqttQos.AtLeastOnce, 1);

        Assert.Equal(MqttReasonCode.NoMatchingSubscribers, client.ExpectAck(PacketType.PubAck, 1));
        Assert.Contains("no mapping", Assert.Single(endpoint.Queues.ReadDeadLetters()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_with_a_topic_above_the_limit_is_refused()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { MaxTopicBytes = 30 });
        using RawClient client = endpoint.Connect();

        client.Publish("devices/" + new string('x', 40) + "/telemetry", Json, MqttQos.AtLeastOnce, 1);
        client.Publish(Topic, Json, MqttQos.AtLeastOnce, 2);

        Assert.Equal(MqttReasonCode.TopicNameInvalid, client.ExpectAck(PacketType.PubAck, 1));
        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubAck, 2));
        Assert.Single(endpoint.Queues.ReadTelemetry());
    }

    [Fact]
    [Trait("Statement", "MQTT-3.3.2-12")]
    public async Task Topic_alias_resolves_to_the_topic_it_was_set_with()
    {
        // [MQTT-3.3.2-12]
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();

        client.Send(WithAlias(Topic, 3, 1));
        client.Send(WithAlias("", 3, 2));

        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubAck, 1));
        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubAck, 2));
        Assert.Equal([Stored, Stored], endpoint.Queues.ReadTelemetry());
    }

    [Fact]
    public async Task Topic_above_the_limit_gets_no_alias()
    {
        // The alias would keep the topic as long as the connection lasts, and a connection may have 65,535 of them.
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { MaxTopicBytes = 30 });
        using RawClient client = endpoint.Connect();

        client.Send(WithAlias("devices/" + new string('x', 20) + "/telemetry", 3, 1));

        client.ExpectDisconnect(MqttReasonCode.TopicNameInvalid);
    }

    [Fact]
    public async Task Packets_sent_in_single_bytes_are_reassembled()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();

        foreach (byte one in RawClient.Publishing(Topic, Json, MqttQos.AtLeastOnce, 9))
        {
            client.Send(one);
        }

        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubAck, 9));
        Assert.Equal([Stored], endpoint.Queues.ReadTelemetry());
    }

    [Fact]
    [Trait("Statement", "MQTT-4.6.0-2")]
    [Trait("Statement", "MQTT-3.2.0-1")]
    [Trait("Statement", "MQTT-4.2.0-1")]
    public async Task Pipelined_burst_is_acknowledged_in_order()
    {
        // [MQTT-4.6.0-2]; the client does not even wait for its CONNACK.
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Open();
        byte[] connect = ClientPackets.Connect(new ConnectRequest { ClientId = "burst" });
        client.Send(
            [.. connect,
                .. Enumerable.Range(1, 1_000).SelectMany(id => RawClient.Publishing(Topic, Json, MqttQos.AtLeastOnce, (ushort)id))]);

        Assert.Equal(PacketType.ConnAck, client.Read().Type);
        for (ushort id = 1; id <= 1_000; id++)
        {
            Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubAck, id));
        }

        Assert.Equal(1_000, endpoint.Queues.ReadTelemetry().Count);
        Assert.Equal(1_000, endpoint.Adapter.Statistics.ReceivedTotal);
    }

    private static byte[] WithAlias(string topic, byte alias, byte packetId)
    {
        byte[] body = [0, (byte)topic.Length, .. System.Text.Encoding.UTF8.GetBytes(topic), 0, packetId, 3, 0x23, 0, alias,
            .. System.Text.Encoding.UTF8.GetBytes(Json)];
        return [0x32, (byte)body.Length, .. body];
    }
}
