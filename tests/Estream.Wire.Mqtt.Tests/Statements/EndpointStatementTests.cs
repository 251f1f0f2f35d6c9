using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Statements;

/// <summary>Statements that bind a server and that no other test covers.</summary>
public class EndpointStatementTests
{
    [Fact]
    public async Task MQTT_1_5_4_3_byte_order_mark_is_not_stripped()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient plain = endpoint.Connect("pump");
        using RawClient marked = endpoint.Connect("\uFEFFpump");

        plain.Publish(Topic, Json, MqttQos.AtLeastOnce, 1);
        Assert.Equal(MqttReasonCode.Success, plain.ExpectAck(PacketType.PubAck, 1));
        marked.Publish(Topic.Replace("pump", "\uFEFFpump", StringComparison.Ordinal), Json, MqttQos.AtLeastOnce, 2);
        Assert.Equal(MqttReasonCode.Success, marked.ExpectAck(PacketType.PubAck, 2));

        // There are two clients, which have not taken over each other's session, and two devices.
        Assert.Equal(2, endpoint.Adapter.Statistics.Connections);
        IReadOnlyList<string> stored = endpoint.Queues.ReadTelemetry();
        Assert.Equal(2, stored.Count);
        Assert.NotEqual(stored[0], stored[1]);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.4.2-2")]
    [Trait("Statement", "MQTT-3.4.2-3")]
    [Trait("Statement", "MQTT-3.5.2-2")]
    [Trait("Statement", "MQTT-3.5.2-3")]
    [Trait("Statement", "MQTT-3.6.2-2")]
    [Trait("Statement", "MQTT-3.6.2-3")]
    [Trait("Statement", "MQTT-3.7.2-2")]
    [Trait("Statement", "MQTT-3.7.2-3")]
    public async Task MQTT_3_1_2_29_acknowledgements_have_no_properties()
    {
        // Request Problem Information is 0. An acknowledgement without properties is as short as possible, so no acknowledgement is too
        // large either.
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Open();
        client.Send(Hex.Bytes("10 10 0004 4D515454 05 02 003C 02 1700 0001 61"));
        Assert.Equal(PacketType.ConnAck, client.Read().Type);

        client.Publish("somewhere/else", "x", MqttQos.AtLeastOnce, 1);
        RequireBare(client.Read(), PacketType.PubAck, MqttReasonCode.NoMatchingSubscribers);
        client.Publish("devices/" + new string('x', 2_000) + "/telemetry", Json, MqttQos.ExactlyOnce, 2);
        RequireBare(client.Read(), PacketType.PubRec, MqttReasonCode.TopicNameInvalid);
        client.Send(Hex.Bytes("50 02 0003"));
        RequireBare(client.Read(), PacketType.PubRel, MqttReasonCode.PacketIdentifierNotFound);
        client.Send(Hex.Bytes("62 02 0004"));
        RequireBare(client.Read(), PacketType.PubComp, MqttReasonCode.PacketIdentifierNotFound);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.9.2-2")]
    [Trait("Statement", "MQTT-3.11.2-1")]
    [Trait("Statement", "MQTT-3.11.2-2")]
    public async Task MQTT_3_9_2_1_SUBACK_and_UNSUBACK_have_no_properties()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();

        client.Send(Hex.Bytes("82 07 0001 00 0001 61 00 A2 06 0002 00 0001 61"));

        Assert.Equal([0, 1, 0, 0x83], client.Read().Body);
        Assert.Equal([0, 2, 0, 0x11], client.Read().Body);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.2.2-19")]
    [Trait("Statement", "MQTT-3.2.2-20")]
    [Trait("Statement", "MQTT-4.12.0-6")]
    public async Task MQTT_3_1_2_28_CONNACK_contains_nothing_that_was_not_requested()
    {
        // The CONNACK has no response information, reason string, user property or authentication method.
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Open();

        client.Send(Hex.Bytes("10 10 0004 4D515454 05 02 003C 02 1900 0001 61"));

        List<PropertyId> properties = PropertiesOf(PacketType.ConnAck, client.Read().Body[2..]);
        Assert.Contains(PropertyId.RetainAvailable, properties);
        PropertyId[] unasked =
            [PropertyId.ResponseInformation, PropertyId.ReasonString, PropertyId.UserProperty, PropertyId.AuthenticationMethod,
                PropertyId.AuthenticationData];
        Assert.Empty(properties.Intersect(unasked));
    }

    [Fact]
    [Trait("Statement", "MQTT-3.2.2-10")]
    [Trait("Statement", "MQTT-3.2.2-12")]
    public async Task MQTT_3_2_2_9_all_QoS_are_supported_so_CONNACK_has_no_Maximum_QoS()
    {
        await using TestEndpoint taking = await TestEndpoint.StartAsync();
        await using ServingEndpoint serving = await ServingEndpoint.StartAsync();
        foreach (int port in new[] { taking.Port, serving.Port })
        {
            // The CONNECT has a will of QoS 2, topic w and payload x.
            using RawClient client = new(port);
            client.Send(Hex.Bytes("10 15 0004 4D515454 05 16 003C 00 0001 61 00 0001 77 0001 78"));
            RawPacket granted = client.Read();
            Assert.Equal((PacketType.ConnAck, 0), (granted.Type, granted.Body[1]));
            Assert.DoesNotContain(PropertyId.MaximumQos, PropertiesOf(PacketType.ConnAck, granted.Body[2..]));
        }

        using Subscribing subscriber = serving.Connect("subscriber");
        for (int qos = 0; qos <= 2; qos++)
        {
            Assert.Equal((MqttReasonCode)qos, subscriber.Subscribe($"a/{qos}", qos));
        }
    }

    [Theory]
    [InlineData("a")]
    [InlineData("0123456789abcdefghijklm")]
    [InlineData("nopqrstuvwxyzABCDEFGHIJ")]
    [InlineData("KLMNOPQRSTUVWXYZ")]
    public async Task MQTT_3_1_3_5_client_identifier_of_23_letters_and_digits_is_accepted(string clientId)
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { MaxClientIdBytes = 23 });

        using RawClient client = endpoint.Connect(clientId);

        client.Send(0xC0, 0);
        Assert.Equal(PacketType.PingResp, client.Read().Type);
    }

    [Fact]
    public async Task MQTT_3_1_4_6_packets_after_a_refused_CONNECT_are_ignored()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Open();
        byte[] connect = Hex.Bytes("10 12 0004 4D515454 05 02 003C 04 15000178 0001 61");

        client.Send([.. connect, .. RawClient.Publishing(Topic, Json), .. RawClient.Publishing(Topic, Json, MqttQos.AtLeastOnce, 1)]);

        client.ExpectRefusal(MqttReasonCode.BadAuthenticationMethod);
        Assert.Equal(0, endpoint.Adapter.Statistics.ReceivedTotal);
        Assert.Empty(endpoint.Queues.ReadTelemetry());
    }

    [Fact]
    public async Task MQTT_3_2_0_2_connection_gets_only_one_CONNACK()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Open();
        byte[] connect = ClientPackets.Connect(new ConnectRequest { ClientId = "twice" });

        client.Send([.. connect, .. connect]);

        Assert.Equal(PacketType.ConnAck, client.Read().Type);
        client.ExpectDisconnect(MqttReasonCode.ProtocolError);
    }

    [Fact]
    public async Task MQTT_3_3_2_7_topic_alias_ends_with_its_connection_even_when_the_session_continues()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using (RawClient first = endpoint.Open())
        {
            first.Connect("pump", cleanStart: false, expirySeconds: 100);
            first.Send(Hex.Bytes("32 0A 0001 61 0001 03 23 0003 78"));
            first.ExpectAck(PacketType.PubAck, 1);
        }

        using RawClient second = endpoint.Open();
        Assert.Equal(1, second.Connect("pump", cleanStart: false, expirySeconds: 100).Body[0]);
        second.Send(Hex.Bytes("32 09 0000 0002 03 23 0003 78"));

        second.ExpectDisconnect(MqttReasonCode.ProtocolError);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.14.2-4")]
    public async Task MQTT_3_14_2_3_reason_string_is_omitted_when_the_DISCONNECT_would_be_too_large()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        byte[] goodbye = Provoke(endpoint, maximumPacketSize: 1_000);
        byte[] small = Provoke(endpoint, maximumPacketSize: 30);

        Assert.Equal((byte)MqttReasonCode.ProtocolError, goodbye[0]);
        Assert.InRange(goodbye.Length, 29, 1_000);
        Assert.Equal([PropertyId.ReasonString], PropertiesOf(PacketType.Disconnect, goodbye[1..]));
        Assert.Equal([(byte)MqttReasonCode.ProtocolError], small);
    }

    [Fact]
    public async Task MQTT_4_1_0_1_session_does_not_expire_while_its_client_is_connected()
    {
        TestClock clock = new();
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(clock: clock);
        using (RawClient gone = endpoint.Open())
        {
            gone.Send(ConnectWithWill("gone", delaySeconds: 50));
            gone.Read();
        }

        Eventually.True(() => endpoint.Adapter.Statistics.Connections == 0, "the other client is gone");
        using RawClient client = endpoint.Open();
        client.Connect("pump", cleanStart: false, expirySeconds: 10, keepAlive: 600);
        byte[] message = RawClient.Publishing(Topic, Json, MqttQos.ExactlyOnce, 9);
        client.Send(message);
        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubRec, 9));

        // The will of the other client shows that the sweeper has run after the ten seconds.
        clock.Advance(TimeSpan.FromSeconds(100));
        Eventually.True(() => endpoint.Queues.ReadTelemetry().Count == 2, "the will of the other client is stored");
        message[0] |= 8;
        client.Send(message);

        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubRec, 9));
        client.Send(0x62, 2, 0, 9);
        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubComp, 9));
        Assert.Equal(2, endpoint.Queues.ReadTelemetry().Count);
    }

    [Fact]
    public async Task MQTT_4_3_2_5_identifier_means_a_new_message_after_its_PUBACK_even_with_DUP()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();
        byte[] message = RawClient.Publishing(Topic, Json, MqttQos.AtLeastOnce, 7);

        client.Send(message);
        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubAck, 7));
        message[0] |= 8;
        client.Send(message);
        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubAck, 7));

        Assert.Equal([Stored, Stored], endpoint.Queues.ReadTelemetry());
    }

    [Fact]
    public async Task MQTT_4_3_3_9_identifier_means_a_new_message_after_a_refusing_PUBREC()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { MaxTopicBytes = 30 });
        using RawClient client = endpoint.Connect();

        client.Publish("devices/" + new string('x', 40) + "/telemetry", Json, MqttQos.ExactlyOnce, 5);
        Assert.Equal(MqttReasonCode.TopicNameInvalid, client.ExpectAck(PacketType.PubRec, 5));
        client.Publish(Topic, Json, MqttQos.ExactlyOnce, 5);
        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubRec, 5));

        Assert.Equal([Stored], endpoint.Queues.ReadTelemetry());
    }

    [Fact]
    public async Task MQTT_4_3_3_12_identifier_means_a_new_message_after_its_PUBCOMP()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();

        for (int round = 0; round < 2; round++)
        {
            client.Publish(Topic, Json, MqttQos.ExactlyOnce, 5);
            Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubRec, 5));
            client.Send(0x62, 2, 0, 5);
            Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubComp, 5));
        }

        Assert.Equal([Stored, Stored], endpoint.Queues.ReadTelemetry());
    }

    /// <summary>Expects an acknowledgement that consists of identifier and reason code only.</summary>
    private static void RequireBare(RawPacket packet, PacketType type, MqttReasonCode reason)
    {
        Assert.Equal(type, packet.Type);
        Assert.Equal(3, packet.Body.Length);
        Assert.Equal(reason, (MqttReasonCode)packet.Body[2]);
    }

    /// <summary>Returns the DISCONNECT for a second CONNECT, with this Maximum Packet Size of the client.</summary>
    private static byte[] Provoke(TestEndpoint endpoint, int maximumPacketSize)
    {
        using RawClient client = endpoint.Open();
        byte[] connect =
            ClientPackets.Connect(new ConnectRequest { ClientId = $"takes-{maximumPacketSize}", MaximumPacketSize = maximumPacketSize });
        client.Send(connect);
        Assert.Equal(PacketType.ConnAck, client.Read().Type);
        client.Send(connect);
        RawPacket goodbye = client.Read();
        Assert.Equal(PacketType.Disconnect, goodbye.Type);
        client.ExpectClosed();
        return goodbye.Body;
    }

    private static List<PropertyId> PropertiesOf(PacketType packet, byte[] block)
    {
        WireReader reader = new(block);
        Assert.True(PropertyReader.TryOpen(ref reader, packet, out PropertyReader properties));
        List<PropertyId> ids = [];
        while (properties.MoveNext())
        {
            ids.Add(properties.Id);
        }

        Assert.False(properties.Fault.IsFault, properties.Fault.ToString());
        return ids;
    }
}
