using Estream.Core;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal;
using Estream.Wire.Mqtt.Internal.Sessions;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>Sessions across a stop and start of the host; <see cref="KilledHostTests"/> covers crashes.</summary>
public class KeptSessionTests
{
    [Fact]
    [Trait("Statement", "MQTT-3.1.2-5")]
    public async Task MQTT_3_1_2_23_session_survives_a_restart_with_its_pending_messages()
    {
        await using KeptEndpoint endpoint = await KeptEndpoint.StartAsync();
        using (Subscribing client = endpoint.Resume("client"))
        {
            Assert.False(client.SessionPresent);
            client.Subscribe("a", qos: 1, identifier: 7);
        }

        endpoint.AwaitConnections(0);
        using (Subscribing publisher = endpoint.Connect("publisher"))
        {
            publisher.Publish("a", "before");
        }

        await endpoint.RestartAsync();
        using (Subscribing publisher = endpoint.Connect("publisher"))
        {
            Assert.Equal(MqttReasonCode.Success, publisher.Publish("a", "after"));
        }

        using Subscribing again = endpoint.Resume("client");
        Assert.True(again.SessionPresent);
        Delivered first = again.Take();
        Assert.Equal(("before", false, "0B07"), (first.Payload, first.IsDuplicate, first.Properties));
        Assert.Equal("after", again.Take().Payload);
    }

    [Fact]
    [Trait("Statement", "MQTT-4.3.3-5")]
    [Trait("Statement", "MQTT-4.3.3-6")]
    public async Task MQTT_4_4_0_1_in_flight_messages_are_resent_after_a_restart_with_their_identifiers()
    {
        await using KeptEndpoint endpoint = await KeptEndpoint.StartAsync();
        using (Subscribing client = endpoint.Resume("client"))
        {
            client.Subscribe("a", qos: 2);
            using Subscribing publisher = endpoint.Connect("publisher");
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

        await endpoint.RestartAsync();
        using Subscribing again = endpoint.Resume("client");
        Delivered first = again.Take();
        Assert.Equal(((ushort)1, "at 1", true), (first.PacketId, first.Payload, first.IsDuplicate));
        Assert.Equal(MqttReasonCode.Success, again.Raw.ExpectAck(PacketType.PubRel, 2));
        Delivered third = again.Take();
        Assert.Equal(((ushort)3, "at 2", true), (third.PacketId, third.Payload, third.IsDuplicate));
        using Subscribing late = endpoint.Connect("late");
        late.Publish("a", "new");
        Assert.Equal("new", again.Take().Payload);
    }

    [Fact]
    [Trait("Statement", "MQTT-4.3.3-12")]
    public async Task MQTT_4_3_3_10_unreleased_message_is_not_stored_again_after_a_restart()
    {
        await using KeptEndpoint endpoint = await KeptEndpoint.StartAsync();
        using (Subscribing client = endpoint.Resume("client"))
        {
            client.Raw.Publish(Topic, Json, MqttQos.ExactlyOnce, 5);
            client.Raw.ExpectAck(PacketType.PubRec, 5);
        }

        await endpoint.RestartAsync();
        using Subscribing again = endpoint.Resume("client");
        Assert.True(again.SessionPresent);
        SendAgain(again, packetId: 5);
        Assert.Equal(MqttReasonCode.Success, again.Raw.ExpectAck(PacketType.PubRec, 5));
        Assert.Single(endpoint.Queues.ReadTelemetry());
        again.Acknowledge(PacketType.PubRel, 5);
        Assert.Equal(MqttReasonCode.Success, again.Raw.ExpectAck(PacketType.PubComp, 5));

        // After the release, the identifier means a new message, even after another restart.
        await endpoint.RestartAsync();
        using Subscribing third = endpoint.Resume("client");
        third.Raw.Publish(Topic, Json, MqttQos.ExactlyOnce, 5);
        third.Raw.ExpectAck(PacketType.PubRec, 5);
        Assert.Equal(2, endpoint.Queues.ReadTelemetry().Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task MQTT_4_3_3_8_queue_decides_whether_a_message_was_stored_before_a_crash(bool wasStored)
    {
        await using KeptEndpoint endpoint = await KeptEndpoint.StartAsync();
        using (Subscribing client = endpoint.Resume("client"))
        {
            client.Raw.Publish(Topic, Json, MqttQos.AtLeastOnce, 1);
            client.Raw.ExpectAck(PacketType.PubAck, 1);
        }

        endpoint.AwaitConnections(0);
        (long position, int length) = NewestOf(endpoint.Queues.Telemetry);
        await endpoint.EndAsync();

        // Simulates the state of the store after a crash before or after the commit of message 7.
        Announce(endpoint, "client", packetId: 7, wasStored ? position : position + 4_096, length);
        await endpoint.BeginAsync();
        using Subscribing again = endpoint.Resume("client");
        SendAgain(again, packetId: 7);

        Assert.Equal(MqttReasonCode.Success, again.Raw.ExpectAck(PacketType.PubRec, 7));
        Assert.Equal(wasStored ? 1 : 2, endpoint.Queues.ReadTelemetry().Count);
    }

    [Fact]
    public async Task MQTT_4_1_0_2_session_expiry_continues_across_restarts()
    {
        TestClock clock = new();
        await using KeptEndpoint endpoint = await KeptEndpoint.StartAsync(clock: clock);
        foreach (string client in (string[])["early", "late"])
        {
            using Subscribing subscribing = endpoint.Resume(client, expirySeconds: 1_000);
            subscribing.Subscribe("a", qos: 1);
        }

        endpoint.AwaitConnections(0);
        clock.Advance(TimeSpan.FromSeconds(600));
        await endpoint.RestartAsync();
        using (Subscribing early = endpoint.Resume("early"))
        {
            Assert.True(early.SessionPresent);
        }

        clock.Advance(TimeSpan.FromSeconds(600));
        await endpoint.RestartAsync();
        using Subscribing late = endpoint.Resume("late");
        Assert.False(late.SessionPresent);
        using Subscribing still = endpoint.Resume("early");
        Assert.True(still.SessionPresent);
    }

    [Fact]
    public async Task MQTT_3_1_2_4_clean_start_after_a_restart_ends_the_session_permanently()
    {
        await using KeptEndpoint endpoint = await KeptEndpoint.StartAsync();
        using (Subscribing client = endpoint.Resume("client"))
        {
            client.Subscribe("a", qos: 1);
        }

        await endpoint.RestartAsync();
        using (Subscribing clean = endpoint.Connect("client"))
        {
            Assert.False(clean.SessionPresent);
            Assert.Equal(MqttReasonCode.NoMatchingSubscribers, clean.Publish("a", "for nobody"));
        }

        await endpoint.RestartAsync();
        using Subscribing again = endpoint.Resume("client");
        Assert.False(again.SessionPresent);
    }

    [Fact]
    public async Task MQTT_3_10_4_1_ended_subscription_does_not_return_after_a_restart()
    {
        await using KeptEndpoint endpoint = await KeptEndpoint.StartAsync();
        using (Subscribing client = endpoint.Resume("client"))
        {
            client.Subscribe("a", qos: 1);
            client.Subscribe("b", qos: 1);
            Assert.Equal(MqttReasonCode.Success, client.Unsubscribe("a"));
        }

        await endpoint.RestartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");

        Assert.Equal(MqttReasonCode.NoMatchingSubscribers, publisher.Publish("a", "1"));
        Assert.Equal(MqttReasonCode.Success, publisher.Publish("b", "2"));
    }

    [Fact]
    public async Task MQTT_3_1_2_8_will_of_a_client_connected_at_a_stop_is_published_by_the_next_host()
    {
        await using KeptEndpoint endpoint = await KeptEndpoint.StartAsync();
        using RawClient pump = endpoint.Open();
        pump.Send(ConnectWithWill("pump", delaySeconds: 0));
        Assert.Equal(PacketType.ConnAck, pump.Read().Type);

        await endpoint.EndAsync();
        await endpoint.BeginAsync();

        Eventually.True(() => endpoint.Queues.ReadTelemetry().Count == 1, "the will is stored");
    }

    [Fact]
    public async Task Session_that_cannot_be_saved_is_refused()
    {
        FullStorage disk = new();
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(place: new QueueOptions { Storage = disk });
        disk.IsFull = true;
        using (RawClient refused = new(endpoint.Port))
        {
            refused.Send(
                ClientPackets.Connect(new ConnectRequest { ClientId = "client", CleanStart = false, SessionExpirySeconds = 1_000 }));
            refused.ExpectRefusal(MqttReasonCode.ServerUnavailable);
        }

        // A session that ends with its connection needs no space in the store.
        using Subscribing other = endpoint.Connect("other");
        disk.IsFull = false;
        using Subscribing client = endpoint.Resume("client");
        Assert.Equal(MqttReasonCode.GrantedQos1, client.Subscribe("a", qos: 1));
    }

    [Fact]
    public async Task Session_that_ends_with_its_connection_leaves_no_records()
    {
        await using KeptEndpoint endpoint = await KeptEndpoint.StartAsync();
        using (Subscribing client = endpoint.Connect("client"))
        {
            client.Subscribe("a", qos: 1);
        }

        endpoint.AwaitConnections(0);

        Assert.False(Directory.Exists(Path.Combine(endpoint.PlaceDirectory, "sessions")));
    }

    [Fact]
    public async Task Sessions_end_when_their_relay_was_replaced()
    {
        await using KeptEndpoint endpoint = await KeptEndpoint.StartAsync();
        using (Subscribing client = endpoint.Resume("client"))
        {
            client.Subscribe("a", qos: 1);
        }

        await endpoint.EndAsync();
        Directory.Delete(Path.Combine(endpoint.PlaceDirectory, "relay"), recursive: true);
        await endpoint.BeginAsync();
        using Subscribing again = endpoint.Resume("client");

        Assert.False(again.SessionPresent);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task In_flight_group_message_goes_to_another_member_when_its_session_ends_after_a_restart(bool hasLeft)
    {
        // In the first case, the member has left the group before the restart; in the second case, its session is not restored.
        const string Shared = "$share/g/a";
        await using KeptEndpoint endpoint = await KeptEndpoint.StartAsync();
        using (Subscribing first = endpoint.Resume("first"))
        {
            first.Subscribe(Shared, qos: 1);
            first.Subscribe("b", qos: 1);
            first.Subscribe("c", qos: 1);
            using Subscribing publisher = endpoint.Connect("publisher");
            publisher.Publish("a", "begun");
            Assert.Equal("begun", first.Take().Payload);
            using Subscribing second = endpoint.Resume("second");
            second.Subscribe(Shared, qos: 1);
            Assert.Equal(MqttReasonCode.Success, hasLeft ? first.Unsubscribe(Shared) : MqttReasonCode.Success);
        }

        endpoint.AwaitConnections(0);
        await endpoint.RestartAsync(options => hasLeft ? options : options with { MaxSubscriptionsPerSession = 2 });
        using Subscribing back = endpoint.Resume("second");
        using Subscribing clean = endpoint.Connect("first");
        clean.Publish("a", "next");

        Assert.Equal(["begun", "next"], back.TakeAll(2));
    }

    private static void SendAgain(Subscribing client, ushort packetId)
    {
        byte[] packet = RawClient.Publishing(Topic, Json, MqttQos.ExactlyOnce, packetId);
        packet[0] |= 8;
        client.Raw.Send(packet);
    }

    private static (long Position, int Length) NewestOf(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        (long Position, int Length) newest = (-1, 0);
        while (tailer.TryRead(out QueueMessage message))
        {
            newest = (message.Position, message.Payload.Length);
        }

        return newest;
    }

    private static void Announce(KeptEndpoint endpoint, string client, ushort packetId, long position, int length)
    {
        long relay;
        using (EstreamQueue queue = EstreamQueue.OpenReadOnly(Path.Combine(endpoint.PlaceDirectory, "relay")))
        {
            relay = queue.Id;
        }

        AdapterPlace place = new(endpoint.PlaceDirectory, new QueueOptions());
        using SessionStore store = SessionStore.Open(place, SystemClock.Instance, new StoreOrigin(relay, false), keepsWills: true);
        SessionRecords records = new SessionRecords(store, new EndpointSession(client, user: null)).Announce(packetId);
        Assert.True(records.TryNote("telemetry", position, length));
    }
}
