using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>A session that goes on: what was under way is sent again, and what came meanwhile follows.</summary>
public class ResendTests
{
    [Fact]
    [Trait("Statement", "MQTT-3.3.1-1")]
    [Trait("Statement", "MQTT-3.1.2-5")]
    [Trait("Statement", "MQTT-4.3.3-3")]
    [Trait("Statement", "MQTT-4.3.3-5")]
    [Trait("Statement", "MQTT-4.3.3-6")]
    public async Task MQTT_4_4_0_1_what_was_not_answered_comes_again_under_its_identifier_and_in_its_order()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        using (Subscribing client = endpoint.Resume("client"))
        {
            client.Subscribe("a", qos: 2, identifier: 7);
            foreach (int qos in (int[])[1, 2, 2, 1])
            {
                publisher.PublishWith("a", $"at {qos}", "", qos);
                client.Take();
            }

            // The second one is released, the fourth one done.
            client.Acknowledge(PacketType.PubRec, 2);
            client.Raw.ExpectAck(PacketType.PubRel, 2);
            client.Acknowledge(PacketType.PubAck, 4);
            client.Raw.Send(0xC0, 0);
            Assert.Equal(PacketType.PingResp, client.Raw.Read().Type);
        }

        endpoint.AwaitConnections(1);
        publisher.PublishWith("a", "meanwhile", "", qos: 1);
        using Subscribing again = endpoint.Resume("client");

        Assert.True(again.SessionPresent);
        Assert.Equal("PUBLISH 1 at 1 duplicate 0B07", Describe(again.Raw.Read()));
        Assert.Equal("PUBREL 2", Describe(again.Raw.Read()));
        Assert.Equal("PUBLISH 3 at 2 duplicate 0B07", Describe(again.Raw.Read()));
        Assert.Equal("PUBLISH 5 meanwhile 0B07", Describe(again.Raw.Read()));
    }

    [Fact]
    [Trait("Statement", "MQTT-4.3.3-4")]
    public async Task QoS_2_is_finished_over_as_many_connections_as_it_takes_and_comes_once()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        using (Subscribing first = endpoint.Resume("client"))
        {
            first.Subscribe("a", qos: 2);
            publisher.PublishWith("a", "once", "", qos: 2);
            Assert.Equal("once", first.Take().Payload);
            first.Acknowledge(PacketType.PubRec, 1);
            first.Raw.ExpectAck(PacketType.PubRel, 1);
        }

        endpoint.AwaitConnections(1);
        using (Subscribing second = endpoint.Resume("client"))
        {
            Assert.Equal("PUBREL 1", Describe(second.Raw.Read()));
            second.Acknowledge(PacketType.PubComp, 1);
            second.Raw.Send(0xC0, 0);
            Assert.Equal(PacketType.PingResp, second.Raw.Read().Type);
        }

        endpoint.AwaitConnections(1);
        publisher.PublishWith("a", "next", "", qos: 1);
        using Subscribing third = endpoint.Resume("client");
        Assert.Equal("next", third.Take().Payload);
    }

    [Theory]
    [InlineData(1, MqttReasonCode.UnspecifiedError)]
    [InlineData(2, MqttReasonCode.NotAuthorized)]
    public async Task MQTT_4_4_0_2_an_answer_that_refuses_is_an_answer(int qos, MqttReasonCode reason)
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        using (Subscribing client = endpoint.Resume("client", receiveMaximum: 1))
        {
            client.Subscribe("a", qos);
            publisher.PublishWith("a", "refused", "", qos);
            publisher.PublishWith("a", "next", "", qos);
            Assert.Equal("refused", client.Take().Payload);
            client.Acknowledge(qos == 1 ? PacketType.PubAck : PacketType.PubRec, 1, reason);
            Assert.Equal("next", client.Take().Payload);
        }

        endpoint.AwaitConnections(1);
        using Subscribing again = endpoint.Resume("client");
        Assert.Equal("next", again.Take().Payload);
    }

    [Fact]
    [Trait("Statement", "MQTT-4.3.3-13")]
    public async Task MQTT_4_3_3_7_a_message_that_was_sent_does_not_expire()
    {
        TestClock clock = new();
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(clock: clock);
        using (Subscribing client = endpoint.Resume("client"))
        {
            client.Subscribe("a", qos: 2);
            using Subscribing publisher = endpoint.Connect("publisher");
            publisher.PublishWith("a", "sent in time", "0200000005", qos: 2);
            Assert.Equal("sent in time", client.Take().Payload);
        }

        endpoint.AwaitConnections(0);
        clock.Advance(TimeSpan.FromSeconds(60));
        using Subscribing again = endpoint.Resume("client");
        Delivered resent = again.Take();
        Assert.Equal(("sent in time", true, "0200000000"), (resent.Payload, resent.IsDuplicate, resent.Properties));
        again.Acknowledge(PacketType.PubRec, 1);
        again.Raw.ExpectAck(PacketType.PubRel, 1);
        again.Acknowledge(PacketType.PubComp, 1);
        again.Raw.Send(0xC0, 0);
        Assert.Equal(PacketType.PingResp, again.Raw.Read().Type);
    }

    [Fact]
    public async Task A_smaller_quota_of_the_next_connection_is_kept_and_what_is_too_large_for_it_is_given_up()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        using (Subscribing client = endpoint.Resume("client"))
        {
            client.Subscribe("a", qos: 1);
            publisher.Publish("a", "1");
            publisher.Publish("a", new string('x', 200));
            publisher.Publish("a", "3");
            Assert.Equal(new ushort[] { 1, 2, 3 }, Enumerable.Range(0, 3).Select(_ => client.Take().PacketId));
        }

        endpoint.AwaitConnections(1);
        using Subscribing again = endpoint.Resume("client", receiveMaximum: 1, maximumPacketSize: 100);
        Assert.Equal("1", again.Take().Payload);
        again.Raw.Send(0xC0, 0);
        Assert.Equal(PacketType.PingResp, again.Raw.Read().Type);
        again.Acknowledge(PacketType.PubAck, 1);
        Assert.Equal("3", again.Take().Payload);
    }

    [Fact]
    public async Task Clean_start_ends_the_subscriptions_and_what_waits()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        using (Subscribing client = endpoint.Resume("client"))
        {
            client.Subscribe("a", qos: 1);
            publisher.Publish("a", "under way");
            client.Take();
        }

        endpoint.AwaitConnections(1);
        publisher.Publish("a", "waits");
        using Subscribing clean = endpoint.Connect("client");
        Assert.False(clean.SessionPresent);
        Assert.Equal(MqttReasonCode.NoMatchingSubscribers, publisher.Publish("a", "for nobody"));
        clean.Subscribe("a");
        publisher.Publish("a", "new");

        Assert.Equal("new", clean.Take().Payload);
    }

    [Fact]
    public async Task What_is_sent_once_and_never_again_does_not_wait_for_who_is_away()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        using (Subscribing client = endpoint.Resume("client"))
        {
            client.Subscribe("a", qos: 1);
            client.Subscribe("b", qos: 0);
        }

        endpoint.AwaitConnections(1);
        publisher.PublishWith("a", "at QoS 1", "", qos: 1);
        publisher.PublishWith("a", "at QoS 0", "", qos: 0);
        publisher.PublishWith("b", "subscribed at QoS 0", "", qos: 1);
        publisher.PublishWith("a", "at QoS 1 again", "", qos: 1);
        using Subscribing again = endpoint.Resume("client");

        Assert.Equal(["at QoS 1", "at QoS 1 again"], again.TakeAll(2));
    }

    private static string Describe(RawPacket packet)
    {
        if (packet.Type != PacketType.Publish)
        {
            return $"{packet.Type.ToString().ToUpperInvariant()} {(packet.Body[0] << 8) | packet.Body[1]}";
        }

        Delivered delivered = Delivered.Of(packet);
        return $"PUBLISH {delivered.PacketId} {delivered.Payload}{(delivered.IsDuplicate ? " duplicate" : "")} {delivered.Properties}";
    }
}
