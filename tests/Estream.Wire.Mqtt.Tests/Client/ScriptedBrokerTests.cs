using System.Buffers;
using System.Text;
using Estream.Core;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Client;

/// <summary>Behavior that a real broker shows rarely or never, scripted packet by packet.</summary>
public class ScriptedBrokerTests
{
    [Fact]
    [Trait("Statement", "MQTT-4.4.0-1")]
    [Trait("Statement", "MQTT-4.6.0-1")]
    public async Task Unacknowledged_message_is_resent_once_before_new_ones_when_the_session_is_kept()
    {
        // [MQTT-4.4.0-1] [MQTT-4.6.0-1]
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port));
        Task<EmitStatus>[] emitting;
        using (RawClient first = server.AcceptSubscriber())
        {
            client.WaitUntilHealthy();
            emitting = [Emit(client, "1"), Emit(client, "2")];
            Assert.Equal(["1", "2"], [PayloadOf(first.Read()), PayloadOf(first.Read())]);
        }

        using RawClient second = server.AcceptSubscriber(isSessionPresent: true);
        Task<EmitStatus> third = EmitWhenConnected(client, "3");
        RawPacket[] again = [second.Read(), second.Read(), second.Read()];

        Assert.Equal([0x3A, 0x3A, 0x32], again.Select(packet => packet.First));
        Assert.Equal(["1", "2", "3"], again.Select(PayloadOf));
        foreach (RawPacket packet in again)
        {
            second.Send([0x40, 2, .. IdOf(packet)]);
        }

        Assert.All(await Task.WhenAll([.. emitting, third]), status => Assert.Equal(EmitStatus.Ok, status));
        Assert.Equal((3, 0, 1),
            (client.Adapter.Statistics.EmittedTotal, client.Adapter.Statistics.EmitRefusedTotal,
                client.Adapter.Statistics.ReconnectsTotal));
    }

    [Theory]
    [InlineData(3, "a", "QoS 3 does not exist")]
    [InlineData(-1, "a", "QoS -1 does not exist")]
    [InlineData(1, "", "topic of 0 bytes")]
    [InlineData(1, "a/+/b", "topic of 5 bytes")]
    [InlineData(0, "a/#", "topic of 3 bytes")]
    [InlineData(1, "a\0b", "topic of 3 bytes")]
    [Trait("Statement", "MQTT-4.7.0-1")]
    [Trait("Statement", "MQTT-4.7.3-2")]
    public async Task Invalid_message_is_refused_before_it_is_sent(int quality, string topic, string expected)
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port));
        using RawClient connection = server.AcceptSubscriber();
        client.WaitUntilHealthy();

        EmitStatus status = await client.Adapter.Emit(Message(topic, "x", quality), CancellationToken.None);

        Assert.Equal(EmitCode.Refused, status.Code);
        Assert.Contains(expected, status.Detail, StringComparison.Ordinal);
        Task<EmitStatus> good = Emit(client, "good");
        Assert.Equal("good", PayloadOf(connection.Read()));
        connection.Send(0x40, 2, 0, 1);
        Assert.Equal(EmitStatus.Ok, await good);
        Assert.Equal((1, 1, 0),
            (client.Adapter.Statistics.EmittedTotal, client.Adapter.Statistics.EmitRefusedTotal,
                client.Adapter.Statistics.ReconnectsTotal));
    }

    [Fact]
    [Trait("Statement", "MQTT-4.7.3-3")]
    public async Task Topic_above_65535_bytes_is_refused()
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port));
        using RawClient connection = server.AcceptSubscriber();
        client.WaitUntilHealthy();

        Assert.Equal(EmitCode.Refused, (await client.Adapter.Emit(Message(new string('a', 65_536), "x"), CancellationToken.None)).Code);
    }

    [Fact]
    public async Task Retained_messages_are_requested_only_for_new_subscriptions()
    {
        // Section 3.8.3.1: Retain Handling 1. With a kept session, all retained messages would otherwise arrive after every reconnect.
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port));
        using RawClient connection = server.Accept();

        RawPacket subscribe = connection.Read();

        Assert.Equal(PacketType.Subscribe, subscribe.Type);
        Assert.Equal(0x11, subscribe.Body[^1]);
    }

    [Fact]
    public async Task Client_is_degraded_when_a_subscription_is_granted_with_a_lower_QoS()
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port));
        using RawClient connection = server.AcceptSubscriber(grant: 0);

        Eventually.True(() => client.Adapter.Health.Detail.Contains("QoS 0 instead of 1", StringComparison.Ordinal),
            "the difference is noticed");
        Assert.Equal(HealthState.Degraded, client.Adapter.Health.State);
        Eventually.True(() => client.Queues.Events.Any(happened => happened.Kind == AdapterEventKind.Degraded), "the event is reported");
    }

    [Fact]
    [Trait("Statement", "MQTT-4.3.3-10")]
    [Trait("Statement", "MQTT-4.5.0-2")]
    public async Task QoS_2_message_is_stored_once_across_a_connection_loss()
    {
        // [MQTT-4.3.3-10]
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port, MqttQos.ExactlyOnce));
        byte[] message = RawClient.Publishing(Topic, Json, MqttQos.ExactlyOnce, 7);
        using (RawClient first = server.AcceptSubscriber(grant: 2))
        {
            first.Send(message);
            Assert.Equal(MqttReasonCode.Success, first.ExpectAck(PacketType.PubRec, 7));
        }

        using RawClient second = server.AcceptSubscriber(isSessionPresent: true, grant: 2);
        message[0] |= 8;
        second.Send(message);
        Assert.Equal(MqttReasonCode.Success, second.ExpectAck(PacketType.PubRec, 7));
        second.Send(0x62, 2, 0, 7);
        Assert.Equal(MqttReasonCode.Success, second.ExpectAck(PacketType.PubComp, 7));

        Assert.Equal([Stored], client.Queues.ReadTelemetry());
    }

    [Theory]
    [InlineData("36 04 0001 61 00", MqttReasonCode.MalformedPacket)]
    [InlineData("30 05 0001 23 00 78", MqttReasonCode.TopicNameInvalid)]
    [InlineData("30 04 0000 00 78", MqttReasonCode.ProtocolError)]
    [InlineData("C0 00", MqttReasonCode.ProtocolError)]
    [InlineData("D0 01 00", MqttReasonCode.MalformedPacket)]
    [InlineData("90 05 FFFF 00 01 01", MqttReasonCode.ProtocolError)]
    [InlineData("E0 01 8A", MqttReasonCode.ProtocolError)]
    [InlineData("F0 00", MqttReasonCode.ProtocolError)]
    [InlineData("E0 07 8B 05 11 0000003C", MqttReasonCode.ProtocolError)]
    public async Task Protocol_violation_of_the_broker_gets_a_DISCONNECT_and_the_client_reconnects(string packet, MqttReasonCode reason)
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port));
        using RawClient connection = server.AcceptSubscriber();
        connection.Send(Hex.Bytes(packet));

        RawPacket goodbye = connection.Read();
        Assert.Equal((PacketType.Disconnect, reason), (goodbye.Type, (MqttReasonCode)goodbye.Body[0]));
        connection.ExpectClosed();

        using RawClient next = server.AcceptSubscriber();
        client.WaitUntilHealthy();
    }

    [Fact]
    public async Task Client_disconnects_from_a_broker_that_reads_nothing()
    {
        TestClock clock = new();
        using RawServer server = new();
        using TestQueues queues = new(clock: clock);
        await using TestClient client = await TestClient.StartAsync(
            TestClient.Options(server.Port) with { KeepAliveSeconds = 600 }, queues);
        using RawClient deaf = server.AcceptSubscriber();
        client.WaitUntilHealthy();

        Task<EmitStatus> emitting = FillAsync(client);
        int before = 0;
        Eventually.True(() => deaf.Socket.Available > 0 && before == (before = deaf.Socket.Available), "the connection is full");
        Eventually.True(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(600));
                return client.Adapter.Health.State == HealthState.Unhealthy;
            },
            "the client has disconnected");
        using RawClient next = server.AcceptSubscriber();

        client.WaitUntilHealthy();
        Assert.Equal(EmitCode.NotConnected, (await emitting).Code);
    }

    [Fact]
    public async Task Client_stops_even_when_the_broker_reads_nothing()
    {
        using RawServer server = new();
        TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port) with { KeepAliveSeconds = 600 });
        using RawClient deaf = server.AcceptSubscriber();
        client.WaitUntilHealthy();
        Task<EmitStatus> emitting = FillAsync(client);
        Eventually.True(() => deaf.Socket.Available > 0, "something was sent");

        await client.DisposeAsync();

        Assert.Equal(EmitCode.NotConnected, (await emitting).Code);
    }

    [Fact]
    public async Task Reconnect_waits_double_up_to_the_maximum_even_after_short_connections()
    {
        // The clock stands still: otherwise, on a busy machine, a connection could stay open longer than the longest wait and count as a
        // success.
        using TestQueues queues = new(clock: new ManualClock());
        using RawServer server = new();
        MqttClientOptions options = TestClient.Options(server.Port) with
        {
            ReconnectInitial = TimeSpan.FromMilliseconds(1),
            ReconnectMax = TimeSpan.FromMilliseconds(20),
            Random = new UpperEnd(),
        };
        await using TestClient client = await TestClient.StartAsync(options, queues);
        for (int attempt = 0; attempt < 7; attempt++)
        {
            // The broker closes the connection at once, as after a take-over by a second client with the same identifier.
            using RawClient connection = server.Accept();
            connection.Send(0xE0, 1, 0x8E);
        }

        Eventually.True(() => Failures().Length >= 7, "each attempt has failed");
        string[] waits = [.. Failures().Take(7).Select(detail => detail[(detail.LastIndexOf("in ", StringComparison.Ordinal) + 3)..])];
        Assert.Equal(["1 ms.", "2 ms.", "4 ms.", "8 ms.", "16 ms.", "20 ms.", "20 ms."], waits);

        string[] Failures()
        {
            return [.. client.Queues.Events.Where(happened => happened.Kind == AdapterEventKind.ConnectionFailed)
                .Select(happened => happened.Detail)];
        }
    }

    [Fact]
    public async Task Unexpected_exception_does_not_end_the_bridge()
    {
        // A new connection reads the clock.
        BrokenClock clock = new();
        clock.FailOnce();
        using RawServer server = new();
        using TestQueues queues = new(clock: clock);
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port), queues);
        using RawClient first = server.Accept();
        Eventually.True(() => queues.Events.Any(happened => happened.Detail.Contains(BrokenClock.Message, StringComparison.Ordinal)),
            "the exception is reported");

        using RawClient connection = server.AcceptSubscriber();

        client.WaitUntilHealthy();
    }

    [Fact]
    public async Task Password_file_is_not_used_until_only_its_owner_can_read_it()
    {
        using TempDirectory folder = new();
        string password = folder.Combine("password");
        await File.WriteAllTextAsync(password, "right\n");
        File.SetUnixFileMode(password, SecretFile.OwnerOnly | UnixFileMode.OtherRead);
        using RawServer server = new();
        await using TestClient client =
            await TestClient.StartAsync(TestClient.Options(server.Port) with { UserName = "u", PasswordFile = password });
        Eventually.True(() => client.Queues.Events.Count(happened => happened.Detail.Contains("chmod 600", StringComparison.Ordinal)) >= 2,
            "it tries again");
        Assert.Equal(HealthState.Unhealthy, client.Adapter.Health.State);

        File.SetUnixFileMode(password, SecretFile.OwnerOnly);

        using RawClient connection = AcceptAny(server);
        client.WaitUntilHealthy();
        Assert.False(ConnectPacket.Decode(server.LastConnect!.Body, out ConnectPacket connect).IsFault);
        Assert.Equal("right", Encoding.UTF8.GetString(connect.Password));
    }

    [Fact]
    public async Task MQTT_3_14_4_1_client_sends_nothing_after_its_DISCONNECT_under_load()
    {
        // Sixteen writers are waiting when the client stops; some of them are queued after the DISCONNECT.
        const int Writers = 16;
        const int Most = 2_000;
        using RawServer server = new();
        TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port));
        using RawClient connection = server.AcceptSubscriber();
        client.WaitUntilHealthy();
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(_ => Task.Run(() => EmitUntilRefusedAsync(client, Most)))];
        Assert.Equal(PacketType.Publish, connection.Read().Type);

        Task stopping = client.DisposeAsync().AsTask();
        RawPacket packet;
        do
        {
            packet = connection.Read();
        }
        while (packet.Type == PacketType.Publish);

        Assert.Equal(PacketType.Disconnect, packet.Type);
        connection.ExpectClosed();
        connection.Dispose();
        await stopping;
        await Task.WhenAll(writers);
    }

    [Fact]
    public async Task MQTT_3_2_2_15_SUBSCRIBE_above_the_Maximum_Packet_Size_is_not_sent_and_reported()
    {
        // Maximum Packet Size is 26 and the SUBSCRIBE has 27 bytes. A PUBLISH that fits is still sent.
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port));
        using RawClient connection = server.Accept(properties: [0x27, 0, 0, 0, 26]);
        Eventually.True(
            () => client.Adapter.Health.Detail.Contains(
                "the SUBSCRIBE was not sent, because its 27 bytes exceed", StringComparison.Ordinal),
            "the client reports it");
        Assert.Equal(HealthState.Degraded, client.Adapter.Health.State);

        Task<EmitStatus> emitting = Emit(client, "fits");
        Assert.Equal("fits", PayloadOf(connection.Read()));
        connection.Send(0x40, 2, 0, 1);
        Assert.Equal(EmitStatus.Ok, await emitting);
    }

    [Fact]
    public async Task MQTT_3_2_2_15_PUBLISH_above_the_Maximum_Packet_Size_is_refused()
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port) with { Subscriptions = [] });
        using RawClient connection = server.Accept(properties: [0x27, 0, 0, 0, 11]);
        client.WaitUntilHealthy();

        // Two bytes of header, three of topic, two of identifier, one of properties: a payload of three bytes is the maximum.
        Assert.Equal(EmitCode.Refused, (await client.Adapter.Emit(Message("a", "1234"), CancellationToken.None)).Code);
        Task<EmitStatus> emitting = Emit(client, "123");
        Assert.Equal("123", PayloadOf(connection.Read()));
        connection.Send(0x40, 2, 0, 1);
        Assert.Equal(EmitStatus.Ok, await emitting);
    }

    [Fact]
    public async Task PUBREC_for_an_unknown_message_gets_PUBREL_with_0x92()
    {
        // Section 4.3.3: a PUBREC with an unknown identifier gets a PUBREL with 0x92; a refusing PUBREC and a PUBCOMP get nothing.
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port));
        using RawClient connection = server.AcceptSubscriber();

        connection.Send(Hex.Bytes("50 03 0007 80 70 02 0008 50 02 0009"));

        RawPacket answer = connection.Read();
        Assert.Equal(0x62, answer.First);
        Assert.Equal([0, 9, 0x92], answer.Body);
    }

    private static RawClient AcceptAny(RawServer server)
    {
        while (true)
        {
            try
            {
                return server.AcceptSubscriber();
            }
            catch (Xunit.Sdk.TrueException)
            {
                // An earlier connection was closed without a CONNECT.
            }
        }
    }

    private static async Task EmitUntilRefusedAsync(TestClient client, int most)
    {
        EgressMessage message = Message("a", "x", quality: 0);
        for (int number = 0; number < most; number++)
        {
            if (!(await client.Adapter.Emit(message, CancellationToken.None)).IsOk)
            {
                return;
            }
        }
    }

    /// <summary>Emits at QoS 0 until the connection accepts no more data.</summary>
    private static Task<EmitStatus> FillAsync(TestClient client)
    {
        return Task.Run(async () =>
        {
            EgressMessage message = Message("a", new string('x', 100_000), quality: 0);
            EmitStatus status;
            do
            {
                status = await client.Adapter.Emit(message, CancellationToken.None);
            }
            while (status.IsOk);
            return status;
        });
    }

    private static async Task<EmitStatus> EmitWhenConnected(TestClient client, string payload)
    {
        EmitStatus status;
        do
        {
            status = await Emit(client, payload);
        }
        while (status.Code == EmitCode.NotConnected);
        return status;
    }

    private static Task<EmitStatus> Emit(TestClient client, string payload)
    {
        return client.Adapter.Emit(Message("a", payload), CancellationToken.None).AsTask();
    }

    private static EgressMessage Message(string topic, string payload, int quality = 1)
    {
        EgressMessage message = new() { Quality = quality };
        message.Topic.Write(Encoding.UTF8.GetBytes(topic));
        message.Payload.Write(Encoding.UTF8.GetBytes(payload));
        return message;
    }

    /// <summary>The payload of a PUBLISH to topic "a" at QoS 1, which starts after two bytes of length, the topic, the identifier, and no
    /// properties.</summary>
    private static string PayloadOf(RawPacket packet)
    {
        Assert.Equal(PacketType.Publish, packet.Type);
        return Encoding.UTF8.GetString(packet.Body.AsSpan(6));
    }

    private static byte[] IdOf(RawPacket packet)
    {
        return packet.Body[3..5];
    }

    /// <summary>Makes every wait as long as its upper bound.</summary>
    private sealed class UpperEnd : Random
    {
        public override double NextDouble()
        {
            return 1;
        }
    }
}
