using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>Retained messages for later subscribers.</summary>
public class RetainedTests
{
    private const byte IfNew = 0x10;
    private const byte Never = 0x20;

    [Fact]
    [Trait("Statement", "MQTT-3.3.1-9")]
    public async Task MQTT_3_3_1_5_new_subscriber_gets_the_newest_retained_message_with_RETAIN()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        publisher.PublishWith("a/1", "old", "", retain: true);
        publisher.PublishWith("a/1", "new", "2600016B000176", retain: true);
        publisher.PublishWith("b", "of another topic", "", retain: true);
        using Subscribing client = endpoint.Connect("client");

        client.Subscribe("a/+", qos: 2, identifier: 7);
        Delivered delivered = client.Take();
        publisher.PublishWith("a/1", "live", "", retain: true);

        Assert.Equal(("a/1", "new", MqttQos.AtLeastOnce, true, "0B07" + "2600016B000176"),
            (delivered.Topic, delivered.Payload, delivered.Qos, delivered.IsRetained, delivered.Properties));
        Delivered live = client.Take();
        Assert.Equal(("live", false), (live.Payload, live.IsRetained));
    }

    [Fact]
    [Trait("Statement", "MQTT-3.3.1-7")]
    public async Task MQTT_3_3_1_6_empty_payload_is_delivered_and_removes_the_retained_message()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        using Subscribing there = endpoint.Connect("there");
        there.Subscribe("a");
        publisher.PublishWith("a", "x", "", retain: true);
        Assert.Equal("x", there.Take().Payload);

        publisher.PublishWith("a", "", "", retain: true);
        Assert.Equal("", there.Take().Payload);
        publisher.PublishWith("b", "sentinel", "", retain: true);
        using Subscribing late = endpoint.Connect("late");
        late.Subscribe("#");

        Assert.Equal("sentinel", late.Take().Payload);
    }

    [Fact]
    public async Task MQTT_3_3_1_8_message_without_RETAIN_does_not_change_the_retained_message()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        publisher.PublishWith("a", "retained", "", retain: true);
        publisher.PublishWith("a", "passing", "", retain: false);
        publisher.PublishWith("a", "", "", retain: false);
        publisher.PublishWith("b", "passing too", "", retain: false);
        publisher.PublishWith("c", "sentinel", "", retain: true);
        using Subscribing client = endpoint.Connect("client");

        client.Subscribe("#");

        Assert.Equal(["retained", "sentinel"], client.TakeAll(2));
    }

    [Fact]
    [Trait("Statement", "MQTT-3.3.1-11")]
    [Trait("Statement", "MQTT-3.8.4-4")]
    public async Task MQTT_3_3_1_10_retain_handling_determines_when_retained_messages_are_sent()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        publisher.PublishWith("a", "retained", "", retain: true);
        using Subscribing client = endpoint.Connect("client");

        client.Subscribe("a", options: Never);
        client.Subscribe("a", options: IfNew);
        publisher.Publish("a", "nothing before this");
        Assert.Equal("nothing before this", client.Take().Payload);
        client.Unsubscribe("a");
        client.Subscribe("a", options: IfNew);
        Assert.Equal("retained", client.Take().Payload);
        client.Subscribe("a");

        // By default, retained messages are always sent, even when the subscription is replaced.
        Assert.Equal("retained", client.Take().Payload);
    }

    [Fact]
    public async Task MQTT_3_1_2_15_will_with_Will_Retain_is_retained()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing client = endpoint.Connect("client");
        client.Subscribe("w");
        using (RawClient gone = new(endpoint.Port))
        {
            // Will Retain and Will QoS 1; topic w, payload bye.
            gone.Send(Hex.Bytes("10 1A 0004 4D515454 05 2E 003C 00 0004 676F6E65 00 0001 77 0003 627965"));
            gone.Read();
        }

        Assert.False(client.Take().IsRetained);
        using Subscribing late = endpoint.Connect("late");
        late.Subscribe("w");

        Delivered delivered = late.Take();
        Assert.Equal(("bye", true), (delivered.Payload, delivered.IsRetained));
    }

    [Fact]
    public async Task A_thousand_retained_messages_arrive_in_order_within_the_inflight_window_across_reconnections()
    {
        const int Count = 1_000;
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(new MqttEndpointOptions { MaxInflight = 5 });
        using Subscribing publisher = endpoint.Connect("publisher");
        for (int number = 0; number < Count; number++)
        {
            publisher.PublishWith($"a/{number:D4}", $"{number}", "", retain: true);
        }

        string[] expected = [.. Enumerable.Range(0, Count).Select(number => $"{number}")];
        using (Subscribing client = endpoint.Resume("client"))
        {
            client.Subscribe("a/#", qos: 1);
            Assert.Equal(expected[..300], client.TakeAll(300));

            // The client does not acknowledge this message.
            Assert.Equal("300", client.Take().Payload);
        }

        endpoint.AwaitConnections(1);
        using Subscribing again = endpoint.Resume("client");
        Delivered first = again.Take();
        while (first.Payload != "300")
        {
            // These are resent messages whose acknowledgements were lost.
            again.Acknowledge(PacketType.PubAck, first.PacketId);
            first = again.Take();
        }

        Assert.True(first.IsDuplicate && first.IsRetained, first.ToString());
        again.Acknowledge(PacketType.PubAck, first.PacketId);
        Assert.Equal(expected[301..], again.TakeAll(Count - 301));
    }

    /// <remarks>
    /// Section 3.3.1.3: a topic retains one message, and a newer one replaces it [MQTT-3.3.1-5]. A new subscription gets the retained
    /// messages [MQTT-3.3.1-9]. Section 3.8.4 allows them before or after the SUBACK, and no statement requires the server to send a
    /// message that was replaced first. The newer message is published while the subscription exists, so it arrives once, as a live message
    /// without RETAIN [MQTT-3.3.1-12].
    /// </remarks>
    [Fact]
    public async Task Message_published_while_retained_messages_are_being_sent_arrives_once()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        publisher.PublishWith("a", "1", "", retain: true);
        publisher.PublishWith("b", "2", "", retain: true);
        publisher.PublishWith("d", "4", "", retain: true);
        using Subscribing client = endpoint.Connect("client", new ConnectRequest { ClientId = "client", ReceiveMaximum = 1 });
        client.Subscribe("#", qos: 1);
        Delivered first = client.Take();
        publisher.PublishWith("b", "newer than 2", "", retain: true);
        publisher.PublishWith("c", "3", "", retain: true);

        client.Acknowledge(PacketType.PubAck, first.PacketId);

        Assert.Equal(("1", ("4", true), ("newer than 2", false), ("3", false)),
            (first.Payload, TakeOne(client), TakeOne(client), TakeOne(client)));
        publisher.PublishWith("e", "nothing before this", "");
        Assert.Equal(("nothing before this", false), TakeOne(client));
    }

    [Fact]
    public async Task Retained_message_replaced_while_the_client_is_disconnected_arrives_once()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        publisher.PublishWith("a/1", "1", "", retain: true);
        publisher.PublishWith("a/2", "2", "", retain: true);
        publisher.PublishWith("a/4", "4", "", retain: true);
        using (Subscribing client = endpoint.Resume("client", receiveMaximum: 1))
        {
            client.Subscribe("a/#", qos: 1);
            Assert.Equal("1", client.Take().Payload);
        }

        endpoint.AwaitConnections(1);
        publisher.PublishWith("a/2", "newer than 2", "", retain: true);
        publisher.PublishWith("a/3", "3", "", retain: true);
        using Subscribing again = endpoint.Resume("client", receiveMaximum: 1);

        // The relay delivers "newer than 2" to the session. If this message were also sent as a retained message, it would arrive twice.
        Assert.Equal([("1", true), ("4", true), ("newer than 2", false), ("3", false)],
            [TakeOne(again), TakeOne(again), TakeOne(again), TakeOne(again)]);
        publisher.PublishWith("a/5", "nothing before this", "");
        Assert.Equal(("nothing before this", false), TakeOne(again));
    }

    [Fact]
    public async Task QoS_0_message_retained_while_the_client_is_disconnected_arrives_when_it_reconnects()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        publisher.PublishWith("a/1", "1", "", retain: true);
        publisher.PublishWith("a/2", "2", "", retain: true);
        using (Subscribing client = endpoint.Resume("client", receiveMaximum: 1))
        {
            client.Subscribe("a/#", qos: 1);
            Assert.Equal("1", client.Take().Payload);
        }

        endpoint.AwaitConnections(1);
        publisher.PublishWith("a/3", "3", "", qos: 0, retain: true);
        publisher.PublishWith("b", "the one before is kept", "");
        using Subscribing again = endpoint.Resume("client", receiveMaximum: 1);

        Assert.Equal([("1", true), ("2", true), ("3", true)], [TakeOne(again), TakeOne(again), TakeOne(again)]);
    }

    [Fact]
    public async Task Expired_retained_message_is_not_sent_and_others_carry_the_remaining_expiry()
    {
        TestClock clock = new();
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(clock: clock);
        using (Subscribing publisher = endpoint.Connect("publisher"))
        {
            publisher.PublishWith("a", "short", "0200000014", retain: true);
            publisher.PublishWith("b", "long", "02000003E8", retain: true);
        }

        clock.Advance(TimeSpan.FromSeconds(100));
        using Subscribing client = endpoint.Connect("client");
        client.Subscribe("#");

        Delivered delivered = client.Take();
        Assert.Equal("long", delivered.Payload);
        Assert.InRange(Convert.ToInt32(delivered.Properties[2..], 16), 800, 900);
    }

    [Fact]
    public async Task Expired_retained_message_uses_no_quota_even_when_never_requested()
    {
        TestClock clock = new();
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(new MqttEndpointOptions { MaxRetained = 2 }, clock: clock);
        using Subscribing publisher = endpoint.Connect("publisher");
        publisher.PublishWith("a", "short", "0200000014", retain: true);
        publisher.PublishWith("b", "long", "02000003E8", retain: true);
        clock.Advance(TimeSpan.FromSeconds(100));

        Eventually.True(() => publisher.Retain("c") == MqttReasonCode.NoMatchingSubscribers, "there is capacity for another topic");

        Assert.Equal(MqttReasonCode.QuotaExceeded, publisher.Retain("d"));
        using Subscribing client = endpoint.Connect("client");
        client.Subscribe("#");
        Assert.Equal(["long", "x"], client.TakeAll(2));
    }

    [Fact]
    public async Task Retained_message_beyond_the_limit_is_refused_and_not_stored()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(new MqttEndpointOptions { MaxRetained = 2 });
        using Subscribing publisher = endpoint.Connect("publisher");
        publisher.PublishWith("a", "1", "", retain: true);
        publisher.PublishWith("b", "2", "", retain: true);
        int before = endpoint.Queues.ReadDeadLetters().Count;

        publisher.Raw.Send(Hex.Bytes("33 07 0001 63 0001 00 78"));
        Assert.Equal(MqttReasonCode.QuotaExceeded, publisher.Raw.ExpectAck(PacketType.PubAck, 1));
        Assert.Equal(before, endpoint.Queues.ReadDeadLetters().Count);
        publisher.PublishWith("a", "again", "", retain: true);
        publisher.PublishWith("b", "", "", retain: true);
        publisher.PublishWith("c", "room again", "", retain: true);
        using Subscribing client = endpoint.Connect("client");
        client.Subscribe("#");

        Assert.Equal(["again", "room again"], client.TakeAll(2));
    }

    [Fact]
    public async Task Retained_messages_survive_a_restart()
    {
        using TempDirectory folder = new();
        await File.WriteAllTextAsync(folder.Combine("rules"), ServingEndpoint.Everything);
        MqttEndpointOptions options = new() { Port = 0, AclFile = folder.Combine("rules"), RelayBytes = 6 << 20 };
        AdapterPlace place = new(folder.Combine("place"), new QueueOptions());
        for (int life = 0; life < 3; life++)
        {
            using TestQueues queues = new();
            await using MqttEndpoint endpoint = new(options, [TestQueues.JsonMapping], queues.Context with { Place = place });
            await endpoint.StartAsync(CancellationToken.None);
            using CancellationTokenSource stop = new();
            Task ingesting = endpoint.Ingest(stop.Token);
            using (Subscribing client = new(endpoint.LocalEndPoint!.Port, new ConnectRequest { ClientId = "client" }))
            {
                client.PublishWith($"a/{life}", $"{life}", "", retain: true);
                client.Subscribe("a/#");
                Assert.Equal(Enumerable.Range(0, life + 1).Select(number => $"{number}"), client.TakeAll(life + 1));
            }

            await stop.CancelAsync();
            await ingesting;
        }
    }

    private static (string Payload, bool IsRetained) TakeOne(Subscribing client)
    {
        Delivered delivered = client.Take();
        if (delivered.Qos == MqttQos.AtLeastOnce)
        {
            client.Acknowledge(PacketType.PubAck, delivered.PacketId);
        }

        return (delivered.Payload, delivered.IsRetained);
    }
}
