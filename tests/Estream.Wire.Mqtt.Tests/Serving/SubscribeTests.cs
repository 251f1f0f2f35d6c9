using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>SUBSCRIBE and UNSUBSCRIBE on an endpoint that serves subscribers.</summary>
public class SubscribeTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [Trait("Statement", "MQTT-4.5.0-1")]
    [Trait("Statement", "MQTT-3.3.2-3")]
    public async Task MQTT_3_8_4_7_SUBACK_contains_the_granted_QoS(int qos)
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing first = endpoint.Connect("first");
        using Subscribing second = endpoint.Connect("second");
        using Subscribing publisher = endpoint.Connect("publisher");

        Assert.Equal(qos, (int)first.Subscribe("room/+", qos));
        Assert.Equal(qos, (int)second.Subscribe("room/1/#", qos));
        Assert.Equal(MqttReasonCode.Success, publisher.Publish("room/1", "on"));

        Delivered delivered = first.Take();
        Assert.Equal(("room/1", "on"), (delivered.Topic, delivered.Payload));
        Assert.Equal("on", second.Take().Payload);
        Assert.Equal(MqttReasonCode.NoMatchingSubscribers, publisher.Publish("hall", "on"));
    }

    [Fact]
    public async Task CONNACK_does_not_deny_wildcards_identifiers_shared_subscriptions_or_retained_messages()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using RawClient client = new(endpoint.Port);

        RawPacket answer = client.Connect();

        string properties = Convert.ToHexString(answer.Body);
        Assert.DoesNotContain("2A00", properties, StringComparison.Ordinal);
        Assert.DoesNotContain("2500", properties, StringComparison.Ordinal);
        Assert.DoesNotContain("2800", properties, StringComparison.Ordinal);
        Assert.DoesNotContain("2900", properties, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invalid_filter_is_refused_while_others_in_the_request_are_granted()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing client = endpoint.Connect("client");

        // The filters are a at QoS 1, a+ at 0, $share/g/a at 2, and b at 2.
        client.Raw.Send(Hex.Bytes("82 1D 0007 00 0001 61 01 0002 612B 00 000A 2473686172652F672F61 02 0001 62 02"));

        Assert.Equal([0, 7, 0, 0x01, 0x8F, 0x02, 0x02], client.Raw.Read().Body);
    }

    [Fact]
    public async Task Filter_longer_than_any_topic_requires_is_refused()
    {
        // A filter may be 1,024 bytes longer than a topic, for the name of a group and for wildcards.
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(new MqttEndpointOptions { MaxTopicBytes = 100 });
        using Subscribing client = endpoint.Connect("client");

        Assert.Equal(MqttReasonCode.GrantedQos1, client.Subscribe(new string('a', 1_124), qos: 1));
        Assert.Equal(MqttReasonCode.QuotaExceeded, client.Subscribe(new string('a', 1_125), qos: 1));
        Assert.Equal(MqttReasonCode.GrantedQos1, client.Subscribe($"$share/{new string('g', 1_115)}/a", qos: 1));
        Assert.Equal(MqttReasonCode.QuotaExceeded, client.Subscribe($"$share/{new string('g', 1_116)}/a", qos: 1));
    }

    [Fact]
    public async Task MQTT_3_8_4_3_same_filter_replaces_the_subscription()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing client = endpoint.Connect("client");
        using Subscribing publisher = endpoint.Connect("publisher");
        client.Subscribe("a", qos: 1, identifier: 7);
        client.Subscribe("a", qos: 0, identifier: 9);

        publisher.Publish("a", "1");
        publisher.Publish("a", "2");

        // Each message arrives once, with the options of the second SUBSCRIBE.
        Delivered first = client.Take();
        Assert.Equal(("1", MqttQos.AtMostOnce, "0B09"), (first.Payload, first.Qos, first.Properties));
        Assert.Equal("2", client.Take().Payload);
    }

    [Fact]
    public async Task MQTT_3_8_4_5_several_filters_act_like_separate_requests()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing client = endpoint.Connect("client");
        using Subscribing publisher = endpoint.Connect("publisher");
        client.Raw.Send(ClientPackets.Subscribe(
            5, [.. new[] { "a", "b/#", "+/c" }.Select(filter => new MqttSubscription(filter, MqttQos.AtMostOnce))]));
        Assert.Equal([0, 5, 0, 0, 0, 0], client.Raw.Read().Body);

        publisher.Publish("a", "1");
        publisher.Publish("b/x", "2");
        publisher.Publish("x/c", "3");
        publisher.Publish("x", "4");
        publisher.Publish("a", "5");

        Assert.Equal(["1", "2", "3", "5"], client.TakeAll(4));
    }

    [Fact]
    [Trait("Statement", "MQTT-3.10.4-2")]
    [Trait("Statement", "MQTT-3.10.4-6")]
    public async Task MQTT_3_10_4_1_UNSUBSCRIBE_removes_only_the_filter_with_the_same_bytes()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing client = endpoint.Connect("client");
        using Subscribing publisher = endpoint.Connect("publisher");
        client.Subscribe("a/b");
        client.Subscribe("a/+");
        client.Subscribe("A/b");

        Assert.Equal(MqttReasonCode.NoSubscriptionExisted, client.Unsubscribe("a/#"));
        Assert.Equal(MqttReasonCode.Success, client.Unsubscribe("a/b"));
        Assert.Equal(MqttReasonCode.NoSubscriptionExisted, client.Unsubscribe("a/b"));
        publisher.Publish("a/b", "by the other");
        Assert.Equal("by the other", client.Take().Payload);
        client.Raw.Send(ClientPackets.Unsubscribe(90, ["a/+", "A/b", "x"]));
        Assert.Equal([0, 90, 0, 0, 0, 0x11], client.Raw.Read().Body);

        Assert.Equal(MqttReasonCode.NoMatchingSubscribers, publisher.Publish("a/b", "to nobody"));
        client.Subscribe("last");
        publisher.Publish("last", "this comes next");
        Assert.Equal("this comes next", client.Take().Payload);
    }

    [Fact]
    public async Task MQTT_3_10_4_3_in_flight_messages_are_completed_after_an_UNSUBSCRIBE()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        ushort id;
        using (Subscribing client = endpoint.Resume("client", receiveMaximum: 1))
        {
            client.Subscribe("a", qos: 2);
            publisher.PublishWith("a", "begun", "", qos: 2);
            publisher.PublishWith("a", "not begun", "", qos: 2);
            id = client.Take().PacketId;
            Assert.Equal(MqttReasonCode.Success, client.Unsubscribe("a"));
        }

        endpoint.AwaitConnections(1);
        using Subscribing again = endpoint.Resume("client");
        Assert.True(again.SessionPresent);
        Delivered resent = again.Take();
        Assert.Equal(("begun", id, true, MqttQos.ExactlyOnce), (resent.Payload, resent.PacketId, resent.IsDuplicate, resent.Qos));
        again.Acknowledge(PacketType.PubRec, id, MqttReasonCode.Success);
        again.Raw.ExpectAck(PacketType.PubRel, id);
        again.Acknowledge(PacketType.PubComp, id, MqttReasonCode.Success);

        again.Subscribe("b");
        publisher.Publish("b", "this comes next");
        Assert.Equal("this comes next", again.Take().Payload);
    }

    [Theory]
    [InlineData("#")]
    [InlineData("+/a")]
    [InlineData("+/#")]
    public async Task MQTT_4_7_2_1_leading_wildcard_does_not_match_topics_that_begin_with_a_dollar(string filter)
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing wide = endpoint.Connect("wide");
        using Subscribing named = endpoint.Connect("named");
        using Subscribing publisher = endpoint.Connect("publisher");
        wide.Subscribe(filter);
        named.Subscribe("$own/#");

        publisher.Publish("$own/a", "hidden");
        publisher.Publish("x/a", "seen");

        Assert.Equal("hidden", named.Take().Payload);
        Assert.Equal("seen", wide.Take().Payload);
    }

    [Fact]
    public async Task MQTT_4_7_3_4_topics_are_not_normalized()
    {
        // The topics have the same letter composed and decomposed, a capital, a trailing separator and a byte order mark.
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing client = endpoint.Connect("client");
        using Subscribing publisher = endpoint.Connect("publisher");
        client.Subscribe("s\u00FCd");

        foreach (string other in (string[])["su\u0308d", "S\u00FCd", "s\u00FCd/", "\uFEFFs\u00FCd"])
        {
            Assert.Equal(MqttReasonCode.NoMatchingSubscribers, publisher.Publish(other, "another"));
        }

        Assert.Equal(MqttReasonCode.Success, publisher.Publish("s\u00FCd", "the same"));
        Assert.Equal("the same", client.Take().Payload);
    }

    [Fact]
    public async Task Subscriptions_beyond_a_limit_are_refused_with_QuotaExceeded()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(
            new MqttEndpointOptions { MaxSubscriptionsPerSession = 2, MaxSubscriptions = 3, MaxFilterLevels = 3 });
        using Subscribing first = endpoint.Connect("first");
        using Subscribing second = endpoint.Connect("second");

        Assert.Equal(MqttReasonCode.QuotaExceeded, first.Subscribe("1/2/3/4"));
        Assert.Equal(MqttReasonCode.Success, first.Subscribe("1/2/3"));
        Assert.Equal(MqttReasonCode.Success, first.Subscribe("a"));
        Assert.Equal(MqttReasonCode.QuotaExceeded, first.Subscribe("b"));
        Assert.Equal(MqttReasonCode.Success, first.Subscribe("a"));
        Assert.Equal(MqttReasonCode.Success, second.Subscribe("a"));
        Assert.Equal(MqttReasonCode.QuotaExceeded, second.Subscribe("b"));
        first.Unsubscribe("a");
        Assert.Equal(MqttReasonCode.Success, second.Subscribe("b"));
    }

    [Fact]
    public async Task Subscriptions_of_an_ended_session_are_removed()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(new MqttEndpointOptions { MaxSubscriptions = 1 });
        using Subscribing publisher = endpoint.Connect("publisher");
        using (Subscribing gone = endpoint.Connect("gone"))
        {
            gone.Subscribe("a", qos: 1);
        }

        endpoint.AwaitConnections(1);

        Assert.Equal(MqttReasonCode.NoMatchingSubscribers, publisher.Publish("a", "x"));
        Assert.Equal(MqttReasonCode.Success, publisher.Subscribe("b"));
    }
}
