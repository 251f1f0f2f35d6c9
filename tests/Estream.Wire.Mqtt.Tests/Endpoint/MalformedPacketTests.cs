using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Endpoint;

/// <summary>
/// Every kind of packet that MQTT 5 does not allow after the CONNECT: the endpoint sends the prescribed reason code in a DISCONNECT and
/// closes the connection [MQTT-4.13.1-1]. The bytes are literals, so that the test does not depend on the product's codec.
/// </summary>
public class MalformedPacketTests
{
    /// <summary>The error with the statement or section that forbids it, the reason code, and the bytes.</summary>
    public static TheoryData<string, MqttReasonCode, string> Cases { get; } = new()
    {
        { "type 0, section 2.1.2", MqttReasonCode.MalformedPacket, "00 00" },
        { "Remaining Length of five bytes, [MQTT-1.5.5-1]", MqttReasonCode.MalformedPacket, "30 FF FF FF FF 01" },
        { "Remaining Length longer than necessary, [MQTT-1.5.5-1]", MqttReasonCode.MalformedPacket, "30 80 00" },
        { "Remaining Length longer than necessary in three bytes, [MQTT-1.5.5-1]", MqttReasonCode.MalformedPacket, "30 8A 80 00" },
        { "reserved flags of PINGREQ, [MQTT-2.1.3-1]", MqttReasonCode.MalformedPacket, "C1 00" },
        { "reserved flags of PUBACK, [MQTT-2.1.3-1]", MqttReasonCode.MalformedPacket, "42 02 00 01" },
        { "reserved flags of PUBREL, [MQTT-3.6.1-1]", MqttReasonCode.MalformedPacket, "60 02 00 01" },
        { "reserved flags of SUBSCRIBE, [MQTT-3.8.1-1]", MqttReasonCode.MalformedPacket, "80 07 0001 00 0001 61 00" },
        { "reserved flags of UNSUBSCRIBE, [MQTT-3.10.1-1]", MqttReasonCode.MalformedPacket, "A0 06 0001 00 0001 61" },
        { "reserved flags of DISCONNECT, [MQTT-3.14.1-1]", MqttReasonCode.MalformedPacket, "E1 00" },
        { "reserved flags of AUTH, [MQTT-3.15.1-1]", MqttReasonCode.MalformedPacket, "F1 00" },
        { "QoS 3, [MQTT-3.3.1-4]", MqttReasonCode.MalformedPacket, "36 07 0001 61 0001 00 78" },
        { "DUP at QoS 0, [MQTT-3.3.1-2]", MqttReasonCode.MalformedPacket, "38 04 0001 61 00" },
        { "packet identifier 0 in PUBLISH, [MQTT-2.2.1-3]", MqttReasonCode.ProtocolError, "32 06 0001 61 0000 00" },
        { "packet identifier 0 in SUBSCRIBE, [MQTT-2.2.1-3]", MqttReasonCode.ProtocolError, "82 07 0000 00 0001 61 00" },
        { "packet identifier 0 in UNSUBSCRIBE, [MQTT-2.2.1-3]", MqttReasonCode.ProtocolError, "A2 06 0000 00 0001 61" },
        { "packet identifier 0 in PUBREL, [MQTT-2.2.1-3]", MqttReasonCode.ProtocolError, "62 02 0000" },
        { "wildcard + in a topic name, [MQTT-3.3.2-2]", MqttReasonCode.TopicNameInvalid, "30 06 0003 612F2B 00" },
        { "wildcard # in a topic name, [MQTT-3.3.2-2]", MqttReasonCode.TopicNameInvalid, "30 06 0003 612F23 00" },
        { "no topic and no alias, section 3.3.2.1", MqttReasonCode.ProtocolError, "30 03 0000 00" },
        { "U+0000 in a topic, [MQTT-1.5.4-2]", MqttReasonCode.MalformedPacket, "30 06 0003 610062 00" },
        { "a surrogate in a topic, [MQTT-1.5.4-1]", MqttReasonCode.MalformedPacket, "30 06 0003 EDA080 00" },
        { "an overlong form in a topic, [MQTT-1.5.4-1]", MqttReasonCode.MalformedPacket, "30 05 0002 C0AF 00" },
        { "a truncated character in a topic, [MQTT-1.5.4-1]", MqttReasonCode.MalformedPacket, "30 05 0002 61C3 00" },
        { "a character above U+10FFFF in a topic, [MQTT-1.5.4-1]", MqttReasonCode.MalformedPacket, "30 07 0004 F4908080 00" },
        { "a topic longer than its packet", MqttReasonCode.MalformedPacket, "30 04 00FF 61 00" },
        { "a PUBLISH too short for a topic length", MqttReasonCode.MalformedPacket, "30 01 00" },
        { "a PUBLISH without its packet identifier", MqttReasonCode.MalformedPacket, "32 04 0001 61 00" },
        { "a PUBLISH without its property length, [MQTT-2.2.2-1]", MqttReasonCode.MalformedPacket, "30 03 0001 61" },
        { "properties longer than their packet", MqttReasonCode.MalformedPacket, "30 05 0001 61 05 01" },
        { "a property length that is too long, [MQTT-1.5.5-1]", MqttReasonCode.MalformedPacket, "30 05 0001 61 80 00" },
        { "a property that occurs twice, section 3.3.2.3.2", MqttReasonCode.ProtocolError, "30 08 0001 61 04 0101 0101" },
        { "Message Expiry that occurs twice, section 3.3.2.3.3", MqttReasonCode.ProtocolError, "30 0E 0001 61 0A 02 00000001 02 00000001" },
        { "Topic Alias that occurs twice, section 3.3.2.3.4", MqttReasonCode.ProtocolError, "30 0A 0001 61 06 23 0001 23 0001" },
        { "an unknown property, section 2.2.2.2", MqttReasonCode.MalformedPacket, "30 06 0001 61 02 04 00" },
        { "a property identifier above the table, section 2.2.2.2", MqttReasonCode.MalformedPacket, "30 06 0001 61 02 7F 00" },
        { "a property of another packet: Receive Maximum in PUBLISH, section 2.2.2.2", MqttReasonCode.MalformedPacket,
            "30 07 0001 61 03 21 0001" },
        { "a property of another packet: Topic Alias in SUBSCRIBE, section 2.2.2.2", MqttReasonCode.MalformedPacket,
            "82 0A 0001 03 23 0001 0001 61 00" },
        { "a property truncated by the end of its block", MqttReasonCode.MalformedPacket, "30 06 0001 61 02 23 00" },
        { "a Payload Format Indicator of 2, section 3.3.2.3.2", MqttReasonCode.ProtocolError, "30 06 0001 61 02 0102" },
        { "a Response Topic with a wildcard, [MQTT-3.3.2-14]", MqttReasonCode.ProtocolError, "30 08 0001 61 04 08 0001 23" },
        { "a Response Topic that is not UTF-8, [MQTT-3.3.2-13]", MqttReasonCode.MalformedPacket, "30 08 0001 61 04 08 0001 FF" },
        { "a Content Type that is not UTF-8, [MQTT-3.3.2-19]", MqttReasonCode.MalformedPacket, "30 08 0001 61 04 03 0001 FF" },
        { "a user property whose value is not UTF-8, [MQTT-1.5.7-1]", MqttReasonCode.MalformedPacket,
            "30 0B 0001 61 07 26 0001 61 0001 FF" },
        { "a Subscription Identifier from a client, [MQTT-3.3.4-6]", MqttReasonCode.ProtocolError, "30 06 0001 61 02 0B01" },
        { "a Subscription Identifier of 0, section 3.8.2.1.2", MqttReasonCode.ProtocolError, "82 09 0001 02 0B00 0001 61 00" },
        { "Topic Alias 0, [MQTT-3.3.2-8]", MqttReasonCode.TopicAliasInvalid, "30 07 0001 61 03 23 0000" },
        { "Topic Alias above the maximum, [MQTT-3.3.2-9]", MqttReasonCode.TopicAliasInvalid, "30 07 0001 61 03 23 0021" },
        { "a Topic Alias that was never set, section 3.3.2.3.4", MqttReasonCode.ProtocolError, "30 06 0000 03 23 0001" },
        { "a second CONNECT, [MQTT-3.1.0-2]", MqttReasonCode.ProtocolError, "10 0E 0004 4D515454 05 02 003C 00 0001 61" },
        { "SUBSCRIBE without a filter, [MQTT-3.8.3-2]", MqttReasonCode.ProtocolError, "82 03 0001 00" },
        { "SUBSCRIBE with a reserved option bit, [MQTT-3.8.3-5]", MqttReasonCode.MalformedPacket, "82 07 0001 00 0001 61 40" },
        { "SUBSCRIBE with QoS 3, section 3.8.3.1", MqttReasonCode.ProtocolError, "82 07 0001 00 0001 61 03" },
        { "SUBSCRIBE with Retain Handling 3, section 3.8.3.1", MqttReasonCode.ProtocolError, "82 07 0001 00 0001 61 30" },
        { "No Local on a shared subscription, [MQTT-3.8.3-4]", MqttReasonCode.ProtocolError, "82 10 0001 00 000A 2473686172652F672F61 04" },
        { "SUBSCRIBE without options after a filter", MqttReasonCode.MalformedPacket, "82 06 0001 00 0001 61" },
        { "SUBSCRIBE with a filter that is not UTF-8, [MQTT-3.8.3-1]", MqttReasonCode.MalformedPacket, "82 07 0001 00 0001 FF 00" },
        { "UNSUBSCRIBE without a filter, [MQTT-3.10.3-2]", MqttReasonCode.ProtocolError, "A2 03 0001 00" },
        { "UNSUBSCRIBE with a filter that is not UTF-8, [MQTT-3.10.3-1]", MqttReasonCode.MalformedPacket, "A2 06 0001 00 0001 FF" },
        { "a PUBREL without a packet identifier", MqttReasonCode.MalformedPacket, "62 01 00" },
        { "a PUBREL with a reason code of another packet, [MQTT-3.6.2-1]", MqttReasonCode.ProtocolError, "62 03 0001 10" },
        { "a PUBACK with a reason code of another packet, [MQTT-3.4.2-1]", MqttReasonCode.ProtocolError, "40 03 0001 92" },
        { "a PUBACK with excess bytes", MqttReasonCode.MalformedPacket, "40 05 0001 00 00 00" },
        { "a PINGREQ with content, section 3.12.1", MqttReasonCode.MalformedPacket, "C0 01 00" },
        { "CONNACK from a client, section 2.1.2", MqttReasonCode.ProtocolError, "20 03 00 00 00" },
        { "SUBACK from a client, section 2.1.2", MqttReasonCode.ProtocolError, "90 04 0001 00 00" },
        { "UNSUBACK from a client, section 2.1.2", MqttReasonCode.ProtocolError, "B0 04 0001 00 00" },
        { "PINGRESP from a client, section 2.1.2", MqttReasonCode.ProtocolError, "D0 00" },
        { "AUTH without an authentication method, section 4.12", MqttReasonCode.ProtocolError, "F0 00" },
        { "AUTH with a reason code of another packet, [MQTT-3.15.2-1]", MqttReasonCode.ProtocolError, "F0 02 80 00" },
        { "DISCONNECT that adds a session expiry, section 3.14.2.2.2", MqttReasonCode.ProtocolError, "E0 07 00 05 11 0000003C" },
        { "DISCONNECT with a reason code of another packet, [MQTT-3.14.2-1]", MqttReasonCode.ProtocolError, "E0 01 8A" },
        { "DISCONNECT with excess bytes", MqttReasonCode.MalformedPacket, "E0 03 00 00 00" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    [Trait("Statement", "MQTT-3.3.2-1")]
    [Trait("Statement", "MQTT-3.14.4-2")]
    [Trait("Statement", "MQTT-4.13.1-1")]
    [Trait("Statement", "MQTT-4.13.2-1")]
    public async Task Invalid_packet_gets_a_DISCONNECT_with_the_prescribed_reason_code(string what, MqttReasonCode reason, string hex)
    {
        Assert.NotEmpty(what);
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();

        client.Send(Hex.Bytes(hex));

        client.ExpectDisconnect(reason);
        Assert.Empty(endpoint.Queues.ReadTelemetry());
        Assert.Equal(1, endpoint.Adapter.Statistics.RejectedTotal);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.2.2-15")]
    public async Task Packet_above_Maximum_Packet_Size_is_refused_by_its_header()
    {
        // [MQTT-3.2.2-15]: only the header is sent, so no memory of the packet's size can have been used.
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { MaxPacketBytes = 2_000 });
        using RawClient client = endpoint.Connect();

        client.Send(Hex.Bytes("30 FF FF FF 7F"));

        client.ExpectDisconnect(MqttReasonCode.PacketTooLarge);
    }

    [Fact]
    public async Task More_user_properties_than_the_limit_are_refused()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();
        byte[] properties = [.. Enumerable.Repeat(Hex.Bytes("26 0001 61 0001 62"), 129).SelectMany(bytes => bytes)];
        byte[] body = [0, 1, 0x61, .. Hex.VarInt(properties.Length), .. properties];

        client.Send([0x30, .. Hex.VarInt(body.Length), .. body]);

        client.ExpectDisconnect(MqttReasonCode.QuotaExceeded);
    }

    [Fact]
    public async Task More_topic_filters_than_the_limit_are_refused()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();
        byte[] body = [0, 1, 0, .. Enumerable.Repeat(Hex.Bytes("0001 61 00"), 1_025).SelectMany(bytes => bytes)];

        client.Send([0x82, .. Hex.VarInt(body.Length), .. body]);

        client.ExpectDisconnect(MqttReasonCode.QuotaExceeded);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.3.4-7")]
    public async Task More_unacknowledged_messages_than_Receive_Maximum_are_refused()
    {
        // [MQTT-3.3.4-7]; QoS 2 messages count until their PUBCOMP.
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { ReceiveMaximum = 3 });
        using RawClient client = endpoint.Connect();

        for (ushort id = 1; id <= 4; id++)
        {
            client.Publish("devices/a/telemetry", "{}", MqttQos.ExactlyOnce, id);
        }

        for (ushort id = 1; id <= 3; id++)
        {
            client.ExpectAck(Mqtt.Codec.PacketType.PubRec, id);
        }

        client.ExpectDisconnect(MqttReasonCode.ReceiveMaximumExceeded);
    }

    [Fact]
    public async Task Messages_stored_before_an_invalid_packet_are_acknowledged_before_the_DISCONNECT()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();
        byte[] good =
            RawClient.Publishing("devices/a/telemetry", """{"timestamp":1,"metric_name":"m","value":1}""", MqttQos.AtLeastOnce, 7);

        client.Send([.. good, .. Hex.Bytes("C1 00")]);

        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(Mqtt.Codec.PacketType.PubAck, 7));
        client.ExpectDisconnect(MqttReasonCode.MalformedPacket);
        Assert.Single(endpoint.Queues.ReadTelemetry());
    }
}
