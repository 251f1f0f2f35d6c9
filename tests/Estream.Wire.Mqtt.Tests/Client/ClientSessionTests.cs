using System.Buffers;
using System.Text;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Client;

/// <summary>The session state that a client keeps across connections and restarts of its host.</summary>
public class ClientSessionTests
{
    private const byte CleanStart = 0x02;
    private const byte WillFlag = 0x04;

    // In the CONNECT: six bytes of protocol name, the version, then the flags.
    private const int FlagsAt = 7;

    // After the flags: the keep-alive, the length of the properties, then the client identifier "estream-test".
    private const int PropertiesAt = FlagsAt + 4;
    private const int IdBytes = 2 + 12;
    private const byte SessionExpiryInterval = 0x11;

    [Fact]
    public async Task MQTT_3_2_2_4_client_does_not_resume_an_unknown_session()
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port));
        using (RawClient wrong = server.Accept(isSessionPresent: true))
        {
            Assert.Equal(0, server.LastConnect!.Body[FlagsAt] & CleanStart);
            wrong.ExpectDisconnect(MqttReasonCode.Success);
        }

        using (RawClient clearing = server.Accept())
        {
            Assert.Equal(CleanStart, server.LastConnect!.Body[FlagsAt] & CleanStart);
            Assert.DoesNotContain(SessionExpiryInterval, server.LastConnect.Body[PropertiesAt..^IdBytes]);
            clearing.ExpectDisconnect(MqttReasonCode.Success);
        }

        // Mosquitto 2.0 loses, on a restart, a session that began with Clean Start.
        using RawClient right = server.AcceptSubscriber();
        Assert.Equal(0, server.LastConnect!.Body[FlagsAt] & CleanStart);
        client.WaitUntilHealthy();
        Assert.Contains(
            client.Queues.Events, happened => happened.Detail.Contains("whose state this host does not know", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Discarding_an_unknown_session_does_not_publish_the_will()
    {
        // Both connections end with a DISCONNECT, and the second connection has no will that could be published without the DISCONNECT.
        using RawServer server = new();
        MqttClientOptions options = TestClient.Options(server.Port) with { Will = new MqttWill { Topic = "hosts", Payload = "lost" } };
        await using TestClient client = await TestClient.StartAsync(options);
        using (RawClient wrong = server.Accept(isSessionPresent: true))
        {
            Assert.Equal(WillFlag, server.LastConnect!.Body[FlagsAt] & WillFlag);
            wrong.ExpectDisconnect(MqttReasonCode.Success);
        }

        using (RawClient clearing = server.Accept())
        {
            Assert.Equal(0, server.LastConnect!.Body[FlagsAt] & WillFlag);
            clearing.ExpectDisconnect(MqttReasonCode.Success);
        }

        using RawClient right = server.AcceptSubscriber();
        Assert.Equal(WillFlag, server.LastConnect!.Body[FlagsAt] & WillFlag);
    }

    [Fact]
    [Trait("Statement", "MQTT-4.3.3-10")]
    public async Task Session_resumes_after_a_restart_and_a_QoS_2_message_is_stored_once()
    {
        using RawServer server = new();
        using TestQueues queues = new();
        byte[] message = RawClient.Publishing(Topic, Json, MqttQos.ExactlyOnce, 7);
        TestClient first = await TestClient.StartAsync(TestClient.Options(server.Port, MqttQos.ExactlyOnce), queues);
        using RawClient connection = server.AcceptSubscriber(grant: 2);
        connection.Send(message);
        Assert.Equal(MqttReasonCode.Success, connection.ExpectAck(PacketType.PubRec, 7));
        await first.DisposeAsync();

        await using TestClient second = await TestClient.StartAsync(TestClient.Options(server.Port, MqttQos.ExactlyOnce), queues);
        using RawClient again = server.AcceptSubscriber(isSessionPresent: true, grant: 2);
        Assert.Equal(0, server.LastConnect!.Body[FlagsAt] & CleanStart);
        message[0] |= 8;
        again.Send(message);
        Assert.Equal(MqttReasonCode.Success, again.ExpectAck(PacketType.PubRec, 7));
        again.Send(0x62, 2, 0, 7);
        Assert.Equal(MqttReasonCode.Success, again.ExpectAck(PacketType.PubComp, 7));

        Assert.Equal([Stored], queues.ReadTelemetry());
    }

    [Fact]
    public async Task Identifiers_left_in_flight_by_an_earlier_process_are_released_before_reuse()
    {
        // The broker may take a new message with an identifier that still awaits its PUBREL for a duplicate, and drop it.
        using RawServer server = new();
        using TestQueues queues = new();
        TestClient first = await TestClient.StartAsync(TestClient.Options(server.Port), queues);
        using RawClient connection = server.AcceptSubscriber();
        first.WaitUntilHealthy();
        Task<EmitStatus> lost = EmitAsync(first, "1");
        byte[] identifier = connection.Read().Body[3..5];
        await first.DisposeAsync();

        Assert.Equal(EmitCode.NotConnected, (await lost).Code);
        await using TestClient second = await TestClient.StartAsync(TestClient.Options(server.Port), queues);
        using RawClient again = server.AcceptSubscriber(isSessionPresent: true);
        RawPacket release = again.Read();
        Assert.Equal(0x62, release.First);
        Assert.Equal(identifier, release.Body);
        again.Send([0x70, 3, .. identifier, (byte)MqttReasonCode.PacketIdentifierNotFound]);
        second.WaitUntilHealthy();

        Task<EmitStatus> next = EmitAsync(second, "2");
        RawPacket packet = again.Read();
        Assert.Equal(0x34, packet.First);
        Assert.NotEqual(identifier, packet.Body[3..5]);
        again.Send([0x50, 2, .. packet.Body[3..5]]);
        Assert.Equal(packet.Body[3..5], again.Read().Body);
        again.Send([0x70, 2, .. packet.Body[3..5]]);
        Assert.Equal(EmitStatus.Ok, await next);
    }

    [Fact]
    public async Task Changed_client_identifier_discards_the_saved_session()
    {
        using RawServer server = new();
        using TestQueues queues = new();
        TestClient first = await TestClient.StartAsync(TestClient.Options(server.Port), queues);
        using RawClient connection = server.AcceptSubscriber();
        first.WaitUntilHealthy();
        await first.DisposeAsync();

        await using TestClient second = await TestClient.StartAsync(TestClient.Options(server.Port) with { ClientId = "another" }, queues);
        using RawClient other = server.Accept(isSessionPresent: true);

        other.ExpectDisconnect(MqttReasonCode.Success);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.2.2-5")]
    public async Task QoS_2_state_is_discarded_when_the_broker_has_lost_the_session()
    {
        using RawServer server = new();
        using TestQueues queues = new();
        byte[] message = RawClient.Publishing(Topic, Json, MqttQos.ExactlyOnce, 7);
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port, MqttQos.ExactlyOnce), queues);
        using (RawClient first = server.AcceptSubscriber(grant: 2))
        {
            first.Send(message);
            Assert.Equal(MqttReasonCode.Success, first.ExpectAck(PacketType.PubRec, 7));
        }

        using RawClient second = server.AcceptSubscriber(grant: 2);
        second.Send(message);
        Assert.Equal(MqttReasonCode.Success, second.ExpectAck(PacketType.PubRec, 7));

        Assert.Equal([Stored, Stored], queues.ReadTelemetry());
    }

    private static Task<EmitStatus> EmitAsync(TestClient client, string payload)
    {
        EgressMessage message = new() { Quality = 2 };
        message.Topic.Write("a"u8);
        message.Payload.Write(Encoding.UTF8.GetBytes(payload));
        return client.Adapter.Emit(message, CancellationToken.None).AsTask();
    }
}
