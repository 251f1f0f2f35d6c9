using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>A resumed session: in-flight messages are resent, and messages that arrived meanwhile follow.</summary>
public class ResendTests
{
    [Fact]
    [Trait("Statement", "MQTT-3.3.1-1")]
    [Trait("Statement", "MQTT-3.1.2-5")]
    [Trait("Statement", "MQTT-4.3.3-3")]
    [Trait("Statement", "MQTT-4.3.3-5")]
    [Trait("Statement", "MQTT-4.3.3-6")]
    public async Task MQTT_4_4_0_1_unacknowledged_messages_are_resent_in_order_with_their_identifiers()
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

            // The second message is released, and the fourth is complete.
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
    public async Task QoS_2_message_is_delivered_once_across_several_connections()
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
    public async Task MQTT_4_4_0_2_refusing_acknowledgement_completes_the_message(int qos, MqttReasonCode reason)
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
    public async Task MQTT_4_3_3_7_sent_message_does_not_expire()
    {
        TestClock clock = new();
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(clock: clock);
        using (Subscribing client = endpoint.Resume("client"))
        {
            client.Subscribe("a", qos: 2);
            using Subscribing publisher = endpoint.Connect("publisher");
            publisher.PublishWith("a", "sent in time", "020000003C", qos: 2);
            Assert.Equal("sent in time", client.Take().Payload);
        }

        endpoint.AwaitConnections(0);
        clock.Advance(TimeSpan.FromSeconds(120));
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
    public async Task Resending_respects_a_smaller_Receive_Maximum_and_drops_messages_that_are_now_too_large()
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
    public async Task Clean_start_removes_subscriptions_and_pending_messages()
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
    public async Task QoS_0_messages_are_not_kept_for_a_disconnected_client()
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
