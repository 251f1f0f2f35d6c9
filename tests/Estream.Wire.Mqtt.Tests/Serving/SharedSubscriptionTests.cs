using System.Collections.Concurrent;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>Shared subscriptions (section 4.8.2): each message goes to one of the members.</summary>
public class SharedSubscriptionTests
{
    private const string Shared = "$share/g/a";

    [Fact]
    public async Task MQTT_4_8_2_3_each_message_goes_to_one_member_with_its_granted_QoS()
    {
        const int Count = 20;
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        using Subscribing first = endpoint.Connect("first");
        using Subscribing second = endpoint.Connect("second");
        Assert.Equal(MqttReasonCode.GrantedQos1, first.Subscribe(Shared, qos: 1, identifier: 7));
        Assert.Equal(MqttReasonCode.Success, second.Subscribe(Shared, qos: 0));
        first.Subscribe("end");
        second.Subscribe("end");
        ConcurrentQueue<Delivered> atFirst = new();
        ConcurrentQueue<Delivered> atSecond = new();
        Task[] taking = [Task.Run(() => TakeUntilEnd(first, atFirst)), Task.Run(() => TakeUntilEnd(second, atSecond))];

        for (int number = 0; number < Count; number++)
        {
            publisher.PublishWith("a", $"{number}", "", qos: 2);
        }

        Eventually.True(() => atFirst.Count + atSecond.Count >= Count, "a member has received each message");
        publisher.Publish("end", "");
        await Task.WhenAll(taking);

        string[] expected = [.. Enumerable.Range(0, Count).Select(number => $"{number}").Order(StringComparer.Ordinal)];
        Assert.Equal(expected, atFirst.Concat(atSecond).Select(delivered => delivered.Payload).Order(StringComparer.Ordinal));
        Assert.All(atFirst, delivered => Assert.Equal((MqttQos.AtLeastOnce, "0B07"), (delivered.Qos, delivered.Properties)));
        Assert.All(atSecond, delivered => Assert.Equal(MqttQos.AtMostOnce, delivered.Qos));
        Assert.NotEmpty(atFirst);
        Assert.NotEmpty(atSecond);
    }

    [Fact]
    public async Task MQTT_4_8_2_6_refused_message_goes_to_no_other_member()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        using Subscribing second = endpoint.Connect("second");
        using (Subscribing first = endpoint.Connect("first"))
        {
            first.Subscribe(Shared, qos: 1);
            publisher.Publish("a", "refused");
            Assert.Equal("refused", first.Take().Payload);
            first.Acknowledge(PacketType.PubAck, 1, MqttReasonCode.UnspecifiedError);
            Ping(first);
            second.Subscribe(Shared, qos: 1);
        }

        endpoint.AwaitConnections(2);
        publisher.Publish("a", "next");
        Assert.Equal("next", second.Take().Payload);
    }

    [Fact]
    public async Task MQTT_4_8_2_5_in_flight_QoS_2_message_goes_to_no_other_member_when_its_session_ends()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        using Subscribing second = endpoint.Connect("second");
        using (Subscribing first = endpoint.Connect("first"))
        {
            first.Subscribe(Shared, qos: 2);
            publisher.PublishWith("a", "begun", "", qos: 2);
            Assert.Equal("begun", first.Take().Payload);
            second.Subscribe(Shared, qos: 2);
        }

        endpoint.AwaitConnections(2);
        publisher.PublishWith("a", "next", "", qos: 2);
        Assert.Equal("next", second.Take().Payload);
    }

    [Fact]
    public async Task Unacknowledged_QoS_1_message_goes_to_another_member_when_its_session_ends()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        using Subscribing second = endpoint.Connect("second");
        using (Subscribing first = endpoint.Connect("first"))
        {
            first.Subscribe(Shared, qos: 1);
            publisher.Publish("a", "not answered");
            Assert.Equal("not answered", first.Take().Payload);
            second.Subscribe(Shared, qos: 1);
        }

        Delivered returned = second.Take();
        Assert.Equal(("not answered", false), (returned.Payload, returned.IsDuplicate));
        publisher.Publish("a", "next");
        Assert.Equal("next", second.Take().Payload);
    }

    [Fact]
    public async Task MQTT_4_8_2_4_in_flight_QoS_2_message_is_completed_with_the_same_member_after_it_reconnects()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        using Subscribing second = endpoint.Connect("second");
        using (Subscribing first = endpoint.Resume("first"))
        {
            first.Subscribe(Shared, qos: 2);
            publisher.PublishWith("a", "begun", "", qos: 2);
            Assert.Equal("begun", first.Take().Payload);
            second.Subscribe(Shared, qos: 2);
        }

        endpoint.AwaitConnections(2);
        publisher.PublishWith("a", "next", "", qos: 2);
        Assert.Equal("next", second.Take().Payload);
        using Subscribing back = endpoint.Resume("first");
        Delivered again = back.Take();
        Assert.Equal(("begun", (ushort)1, true), (again.Payload, again.PacketId, again.IsDuplicate));
        back.Acknowledge(PacketType.PubRec, 1);
        Assert.Equal(MqttReasonCode.Success, back.Raw.ExpectAck(PacketType.PubRel, 1));
        back.Acknowledge(PacketType.PubComp, 1);
        Ping(back);
    }

    [Fact]
    public async Task Full_or_disconnected_member_does_not_delay_the_others()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        using Subscribing full = endpoint.Connect("full", new ConnectRequest { ClientId = "full", ReceiveMaximum = 1 });
        using (Subscribing away = endpoint.Resume("away"))
        {
            full.Subscribe(Shared, qos: 1);
            publisher.Publish("a", "never answered");
            Assert.Equal("never answered", full.Take().Payload);
            away.Subscribe(Shared, qos: 1);
        }

        endpoint.AwaitConnections(2);
        using Subscribing able = endpoint.Connect("able");
        able.Subscribe(Shared, qos: 1);
        foreach (string payload in (string[])["1", "2", "3"])
        {
            publisher.Publish("a", payload);
        }

        Assert.Equal(["1", "2", "3"], able.TakeAll(3));
    }

    [Fact]
    public async Task Message_that_no_member_can_take_waits_for_the_first_that_can()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        foreach (string member in (string[])["first", "second"])
        {
            using Subscribing leaving = endpoint.Resume(member);
            leaving.Subscribe(Shared, qos: 1);
        }

        endpoint.AwaitConnections(1);
        publisher.Publish("a", "1");
        publisher.PublishWith("a", "sent once and never again", "", qos: 0);
        publisher.Publish("a", "2");
        using Subscribing back = endpoint.Resume("second");

        Assert.Equal(["1", "2"], back.TakeAll(2));
    }

    [Fact]
    public async Task Pending_messages_of_a_group_go_to_a_QoS_0_member_that_joins()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        using (Subscribing away = endpoint.Resume("away"))
        {
            away.Subscribe(Shared, qos: 1);
        }

        endpoint.AwaitConnections(1);
        publisher.Publish("a", "1");
        publisher.PublishWith("a", "sent once and never again", "", qos: 0);
        publisher.Publish("a", "2");
        using Subscribing joining = endpoint.Connect("joining");
        string[] pending = joining.SubscribeAndTakeAll(Shared, qos: 0, count: 2);
        publisher.Publish("a", "3");

        string[] all = [.. pending, joining.Take().Payload];
        Assert.Equal(["1", "2", "3"], all);
    }

    [Fact]
    public async Task Additional_own_subscription_delivers_its_own_copy()
    {
        // Section 4.8.2: a shared subscription is distinct from other subscriptions of the same session.
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        using Subscribing client = endpoint.Connect("client");
        client.Subscribe(Shared, qos: 1, identifier: 1);
        client.Subscribe("a", qos: 1, identifier: 2);
        client.Subscribe("$share/other/+", qos: 1, identifier: 3);

        publisher.Publish("a", "x");

        string[] properties = [.. Enumerable.Range(0, 3).Select(_ => client.Take().Properties).Order(StringComparer.Ordinal)];
        Assert.Equal(["0B01", "0B02", "0B03"], properties);
    }

    [Fact]
    public async Task Retained_messages_are_not_sent_for_a_shared_subscription()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        publisher.PublishWith("a", "retained", "", retain: true);
        using Subscribing client = endpoint.Connect("client");

        client.Subscribe(Shared, qos: 1);
        publisher.Publish("a", "live");

        Assert.Equal("live", client.Take().Payload);
    }

    [Fact]
    public async Task Group_ends_when_its_last_member_leaves()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        using Subscribing client = endpoint.Connect("client");
        client.Subscribe(Shared, qos: 1);
        Assert.Equal(MqttReasonCode.Success, publisher.Publish("a", "1"));
        Assert.Equal("1", client.TakeAll(1)[0]);

        Assert.Equal(MqttReasonCode.Success, client.Unsubscribe(Shared));
        Assert.Equal(MqttReasonCode.NoSubscriptionExisted, client.Unsubscribe(Shared));

        Assert.Equal(MqttReasonCode.NoMatchingSubscribers, publisher.Publish("a", "2"));
    }

    [Fact]
    public async Task Membership_requires_the_right_to_read_all_topics_of_the_filter()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(rules: "topic readwrite a/#\ntopic deny a/secret");
        using Subscribing client = endpoint.Connect("client");

        Assert.Equal(MqttReasonCode.NotAuthorized, client.Subscribe("$share/g/a/#", qos: 1));
        Assert.Equal(MqttReasonCode.GrantedQos1, client.Subscribe("$share/g/a/b", qos: 1));
        Assert.Equal(MqttReasonCode.GrantedQos1, client.Subscribe("a/#", qos: 1));
    }

    [Fact]
    public async Task Groups_and_members_beyond_the_limits_are_refused()
    {
        await using ServingEndpoint endpoint =
            await ServingEndpoint.StartAsync(new MqttEndpointOptions { MaxGroups = 1, MaxGroupMembers = 2 });
        using Subscribing first = endpoint.Connect("first");
        using Subscribing second = endpoint.Connect("second");
        using Subscribing third = endpoint.Connect("third");

        Assert.Equal(MqttReasonCode.GrantedQos1, first.Subscribe(Shared, qos: 1));
        Assert.Equal(MqttReasonCode.QuotaExceeded, first.Subscribe("$share/g/b", qos: 1));
        Assert.Equal(MqttReasonCode.GrantedQos1, second.Subscribe(Shared, qos: 1));
        Assert.Equal(MqttReasonCode.QuotaExceeded, third.Subscribe(Shared, qos: 1));
        Assert.Equal(MqttReasonCode.GrantedQos2, first.Subscribe(Shared, qos: 2));
    }

    [Fact]
    public async Task Group_continues_after_a_restart_where_it_stopped()
    {
        await using KeptEndpoint endpoint = await KeptEndpoint.StartAsync();
        using (Subscribing first = endpoint.Resume("first"))
        {
            first.Subscribe(Shared, qos: 2);
            using Subscribing publisher = endpoint.Connect("publisher");
            publisher.PublishWith("a", "done", "", qos: 2);
            publisher.PublishWith("a", "begun", "", qos: 2);
            Assert.Equal(["done", "begun"], first.TakeAll(2));
            first.Acknowledge(PacketType.PubRec, 1);
            first.Raw.ExpectAck(PacketType.PubRel, 1);
            first.Acknowledge(PacketType.PubComp, 1);
            Ping(first);
        }

        endpoint.AwaitConnections(0);
        using (Subscribing publisher = endpoint.Connect("publisher"))
        {
            publisher.PublishWith("a", "waits", "", qos: 2);
        }

        await endpoint.RestartAsync();
        using Subscribing second = endpoint.Connect("second");

        // In-flight messages go to another member, and completed messages are not sent again.
        Assert.Equal("waits", second.SubscribeAndTake(Shared, qos: 2).Payload);
        using Subscribing back = endpoint.Resume("first");
        Delivered again = back.Take();
        Assert.Equal(("begun", (ushort)2, true), (again.Payload, again.PacketId, again.IsDuplicate));
    }

    private static void TakeUntilEnd(Subscribing client, ConcurrentQueue<Delivered> taken)
    {
        while (client.Take() is { Topic: not "end" } delivered)
        {
            if (delivered.Qos == MqttQos.AtLeastOnce)
            {
                client.Acknowledge(PacketType.PubAck, delivered.PacketId);
            }

            taken.Enqueue(delivered);
        }
    }

    /// <summary>Waits until the endpoint has handled all packets sent before.</summary>
    private static void Ping(Subscribing client)
    {
        client.Raw.Send(0xC0, 0);
        Assert.Equal(PacketType.PingResp, client.Raw.Read().Type);
    }
}
