using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>How messages are delivered to a subscriber: QoS, properties, flags, order, topic aliases and size.</summary>
public class DeliveryTests
{
    // Payload format, content type, response topic, correlation data, and three user properties, two with the same name.
    private const string Passed = "0101" + "030001" + "63" + "080001" + "72" + "090002FFFF" + "2600016B000176" + "260001" + "41" + "000142"
        + "2600016B000175";

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 2, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(1, 1, 1)]
    [InlineData(1, 2, 1)]
    [InlineData(2, 0, 0)]
    [InlineData(2, 1, 1)]
    [InlineData(2, 2, 2)]
    [Trait("Statement", "MQTT-4.3.1-1")]
    [Trait("Statement", "MQTT-4.3.2-2")]
    [Trait("Statement", "MQTT-4.3.3-2")]
    [Trait("Statement", "MQTT-4.3.3-1")]
    [Trait("Statement", "MQTT-3.3.1-3")]
    public async Task MQTT_3_8_4_8_message_arrives_with_the_lower_of_granted_and_published_QoS(int granted, int published,
        int delivered)
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing client = endpoint.Connect("client");
        using Subscribing publisher = endpoint.Connect("publisher");
        client.Subscribe("a", granted);

        publisher.PublishWith("a", "x", "", published);
        Delivered got = client.Take();

        Assert.Equal((MqttQos)delivered, got.Qos);
        Assert.Equal(delivered == 0 ? 0 : 1, got.PacketId);
        Assert.False(got.IsDuplicate);
        Assert.False(got.IsRetained);
        Assert.Equal("", got.Properties);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.3.2-15")]
    [Trait("Statement", "MQTT-3.3.2-16")]
    [Trait("Statement", "MQTT-3.3.2-17")]
    [Trait("Statement", "MQTT-3.3.2-18")]
    [Trait("Statement", "MQTT-3.3.2-20")]
    public async Task MQTT_3_3_2_4_properties_arrive_unaltered_and_in_order()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing client = endpoint.Connect("client");
        using Subscribing publisher = endpoint.Connect("publisher");
        client.Subscribe("a");

        // An alias only applies between the publisher and the endpoint.
        publisher.PublishWith("a", "x", "230001" + Passed);

        Assert.Equal(Passed, client.Take().Properties);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.3.4-3")]
    [Trait("Statement", "MQTT-3.3.4-4")]
    [Trait("Statement", "MQTT-3.3.4-5")]
    public async Task MQTT_3_3_4_2_overlapping_subscriptions_get_one_message_with_the_highest_QoS_and_all_identifiers()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing client = endpoint.Connect("client");
        using Subscribing publisher = endpoint.Connect("publisher");
        client.Subscribe("a/b", qos: 0, identifier: 5);
        client.Subscribe("a/+", qos: 2, identifier: 300);
        client.Subscribe("#", qos: 1);
        client.Subscribe("x", qos: 1, identifier: 9);

        publisher.PublishWith("a/b", "once", "", qos: 2);
        publisher.PublishWith("last", "next", "", qos: 0);

        Delivered delivered = client.Take();
        Assert.Equal(("once", MqttQos.ExactlyOnce, "0B05" + "0BAC02"), (delivered.Payload, delivered.Qos, delivered.Properties));
        Assert.Equal("next", client.Take().Payload);
    }

    [Fact]
    public async Task MQTT_3_8_3_3_No_Local_excludes_the_clients_own_messages()
    {
        const byte NoLocal = 0x04;
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing client = endpoint.Connect("client");
        using Subscribing other = endpoint.Connect("other");
        client.Subscribe("a", options: NoLocal);
        client.Subscribe("b");

        client.Raw.Publish("a", "own, not wanted");
        client.Raw.Publish("b", "own, wanted");
        Assert.Equal("own, wanted", client.Take().Payload);
        other.Publish("a", "of another");

        Assert.Equal("of another", client.Take().Payload);
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    [Trait("Statement", "MQTT-3.3.1-12")]
    [Trait("Statement", "MQTT-3.3.1-13")]
    public async Task RETAIN_is_kept_when_the_subscription_has_Retain_As_Published(bool asPublished, bool isSet, bool expected)
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing client = endpoint.Connect("client");
        using Subscribing publisher = endpoint.Connect("publisher");
        client.Subscribe("a", options: asPublished ? (byte)0x08 : (byte)0);

        publisher.PublishWith("a", "x", "", retain: isSet);

        Assert.Equal(expected, client.Take().IsRetained);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.3.2-5")]
    public async Task MQTT_3_3_2_6_message_carries_its_remaining_expiry_and_is_not_sent_after_it()
    {
        TestClock clock = new();
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(clock: clock);
        using Subscribing publisher = endpoint.Connect("publisher");
        using (Subscribing client = endpoint.Resume("client"))
        {
            client.Subscribe("a", qos: 1);
        }

        endpoint.AwaitConnections(1);
        publisher.PublishWith("a", "short", "0200000014");
        publisher.PublishWith("a", "long", "02000003E8");
        publisher.PublishWith("a", "for ever", "");
        clock.Advance(TimeSpan.FromSeconds(100));
        using Subscribing again = endpoint.Resume("client");

        Delivered first = again.Take();
        Assert.Equal("long", first.Payload);
        Assert.StartsWith("02", first.Properties, StringComparison.Ordinal);
        Assert.InRange(Convert.ToInt32(first.Properties[2..], 16), 800, 900);
        Delivered second = again.Take();
        Assert.Equal(("for ever", ""), (second.Payload, second.Properties));
    }

    [Fact]
    [Trait("Statement", "MQTT-3.1.2-27")]
    [Trait("Statement", "MQTT-3.3.2-11")]
    public async Task MQTT_3_1_2_26_topic_aliases_do_not_exceed_the_clients_maximum()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing two = endpoint.Connect("two", new ConnectRequest { ClientId = "two", TopicAliasMaximum = 2 });
        using Subscribing none = endpoint.Connect("none");
        using Subscribing publisher = endpoint.Connect("publisher");
        two.Subscribe("#");
        none.Subscribe("#");

        foreach (string topic in (string[])["a", "a", "b", "c", "b", "c"])
        {
            publisher.Publish(topic, "x");
        }

        Assert.Equal(
            ["a 230001", " 230001", "b 230002", "c ", " 230002", "c "],
            Enumerable.Range(0, 6).Select(_ => two.Take()).Select(delivered => $"{delivered.Topic} {delivered.Properties}"));
        Assert.Equal(
            ["a ", "a ", "b ", "c ", "b ", "c "],
            Enumerable.Range(0, 6).Select(_ => none.Take()).Select(delivered => $"{delivered.Topic} {delivered.Properties}"));
    }

    [Fact]
    [Trait("Statement", "MQTT-3.1.2-24")]
    public async Task MQTT_3_1_2_25_message_too_large_for_the_client_counts_as_delivered()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing client =
            endpoint.Connect("client", new ConnectRequest { ClientId = "client", MaximumPacketSize = 100, ReceiveMaximum = 1 });
        using Subscribing publisher = endpoint.Connect("publisher");
        client.Subscribe("a", qos: 1);

        // Header 2, topic 3, identifier 2, properties 1: 92 bytes are left for the payload. One message can be in flight at a time.
        publisher.Publish("a", new string('x', 93));
        publisher.Publish("a", new string('y', 92));
        Delivered first = client.Take();
        Assert.Equal(new string('y', 92), first.Payload);
        client.Acknowledge(PacketType.PubAck, first.PacketId);
        publisher.Publish("a", "and so on");

        Assert.Equal("and so on", client.Take().Payload);
    }

    [Fact]
    [Trait("Statement", "MQTT-4.6.0-6")]
    public async Task MQTT_4_6_0_5_messages_arrive_in_the_order_of_their_publisher()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(new MqttEndpointOptions { MaxInflight = 7 });
        Subscribing[] clients = [.. Enumerable.Range(0, 3).Select(number => endpoint.Connect($"client-{number}"))];
        using Subscribing publisher = endpoint.Connect("publisher");
        foreach (Subscribing client in clients)
        {
            client.Subscribe("a/+", qos: 1);
        }

        int count = LongRun.Count(2_000, 200_000);
        Task publishing = Task.Run(() =>
        {
            for (int number = 0; number < count; number++)
            {
                publisher.Publish($"a/{number % 3}", $"{number}");
            }
        });

        string[] expected = [.. Enumerable.Range(0, count).Select(number => $"{number}")];
        foreach (Subscribing client in clients)
        {
            Assert.Equal(expected, client.TakeAll(count));
            client.Dispose();
        }

        await publishing;
    }

    [Fact]
    public async Task Payload_larger_than_the_buffer_arrives_completely()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing client = endpoint.Connect("client");
        using Subscribing publisher = endpoint.Connect("publisher");
        client.Subscribe("a", qos: 1);
        string large = string.Concat(Enumerable.Range(0, 60_000).Select(number => $"{number:D8}"));

        publisher.Publish("a", "before");
        publisher.Publish("a", large);
        publisher.Publish("a", "after");

        Assert.Equal(["before", large, "after"], client.TakeAll(3));
    }

    [Fact]
    [Trait("Statement", "MQTT-3.1.2-24")]
    public async Task Topic_alias_is_omitted_when_it_would_make_the_message_too_large()
    {
        // Two bytes of header, three of topic, two of identifier, one of properties; an alias would take three more.
        string largest = new('x', 100 - 8);
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing client =
            endpoint.Connect("client", new ConnectRequest { ClientId = "client", TopicAliasMaximum = 2, MaximumPacketSize = 100 });
        using Subscribing publisher = endpoint.Connect("publisher");
        client.Subscribe("a", qos: 1);

        publisher.Publish("a", largest);
        publisher.Publish("a", "aliased");
        publisher.Publish("a", largest + "x");
        publisher.Publish("a", largest);

        Assert.Equal(
            [("a", "", largest), ("a", "230001", "aliased"), ("a", "", largest)],
            Enumerable.Range(0, 3).Select(_ => client.Take())
                .Select(delivered => (delivered.Topic, delivered.Properties, delivered.Payload)));
    }

    [Fact]
    [Trait("Statement", "MQTT-3.1.2-14")]
    public async Task MQTT_3_1_3_10_will_arrives_with_its_user_properties_in_order()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing client = endpoint.Connect("client");
        client.Subscribe("w", qos: 2, options: 0x08);
        using (RawClient gone = new(endpoint.Port))
        {
            // Will at QoS 1: user property k=v, delay 0, expiry 1,000 s, user property k=u, content type c; topic w, payload bye.
            byte[] will = Hex.Bytes("2600016B000176" + "1800000000" + "02000003E8" + "2600016B000175" + "03000163");
            byte[] body = [.. Hex.Bytes("0004 4D515454 05 0E 003C 00 0004 676F6E65"), (byte)will.Length, .. will,
                .. Hex.Bytes("0001 77 0003 627965")];
            gone.Send([0x10, (byte)body.Length, .. body]);
            gone.Read();
        }

        Delivered delivered = client.Take();
        Assert.Equal(("w", "bye", MqttQos.AtLeastOnce, false), (delivered.Topic, delivered.Payload, delivered.Qos, delivered.IsRetained));
        Assert.StartsWith("0200", delivered.Properties, StringComparison.Ordinal);
        Assert.Equal("2600016B000176" + "2600016B000175" + "03000163", delivered.Properties[10..]);
    }

    [Fact]
    [Trait("Statement", "MQTT-4.9.0-1")]
    [Trait("Statement", "MQTT-4.9.0-2")]
    [Trait("Statement", "MQTT-3.3.4-10")]
    [Trait("Statement", "MQTT-4.3.2-1")]
    [Trait("Statement", "MQTT-4.3.2-3")]
    public async Task MQTT_3_3_4_9_in_flight_messages_do_not_exceed_the_clients_Receive_Maximum_and_other_packets_do_not_wait()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing client = endpoint.Connect("client", new ConnectRequest { ClientId = "client", ReceiveMaximum = 2 });
        using Subscribing publisher = endpoint.Connect("publisher");
        client.Subscribe("a", qos: 2);
        for (int number = 1; number <= 4; number++)
        {
            publisher.PublishWith("a", $"{number}", "", qos: number % 2 == 0 ? 2 : 1);
        }

        Delivered first = client.Take();
        Delivered second = client.Take();
        Assert.Equal("1 1", $"{first.Payload} {first.PacketId}");
        Assert.Equal("2 2", $"{second.Payload} {second.PacketId}");

        // A PINGRESP, a SUBACK and an acknowledgement of a PUBLISH do not wait for the quota.
        client.Raw.Send(0xC0, 0);
        Assert.Equal(PacketType.PingResp, client.Raw.Read().Type);
        Assert.Equal(MqttReasonCode.GrantedQos1, client.Subscribe("b", qos: 1));
        Assert.Equal(MqttReasonCode.NoMatchingSubscribers, client.Publish("nobody", "x"));

        // A PUBREC does not free the quota; a PUBCOMP does.
        client.Acknowledge(PacketType.PubRec, 2);
        client.Raw.ExpectAck(PacketType.PubRel, 2);
        client.Raw.Send(0xC0, 0);
        Assert.Equal(PacketType.PingResp, client.Raw.Read().Type);
        client.Acknowledge(PacketType.PubComp, 2);
        Delivered third = client.Take();
        Assert.Equal("3 3", $"{third.Payload} {third.PacketId}");
        client.Acknowledge(PacketType.PubAck, 1);
        Delivered fourth = client.Take();
        Assert.Equal("4 4", $"{fourth.Payload} {fourth.PacketId}");
    }
}
