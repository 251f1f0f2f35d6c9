using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Peers;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Endpoint;

/// <summary>Clients of MQTT 3.1.1 that publish. Section numbers refer to the 3.1.1 standard.</summary>
public class Mqtt311Tests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Each_QoS_is_stored_once_and_acknowledged_without_a_reason_code(int qos)
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = Connect(endpoint);

        client.Send(Packets311.Publish(Topic, Json, qos, packetId: 7));
        if (qos == 1)
        {
            Expect(client, 0x40, 0, 7);
        }
        else if (qos == 2)
        {
            Expect(client, 0x50, 0, 7);
            client.Send(0x62, 2, 0, 7);
            Expect(client, 0x70, 0, 7);
        }

        Eventually.True(() => endpoint.Queues.ReadTelemetry().Count == 1, "the message is stored");
        Assert.Equal([Stored], endpoint.Queues.ReadTelemetry());
    }

    [Fact]
    public async Task Acknowledgements_omit_the_reason_codes_of_MQTT_5()
    {
        // No mapping matches the topic, no client may subscribe, and there is no subscription to end.
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = Connect(endpoint);

        client.Send(Packets311.Publish("nobody/wants/this", "x", qos: 1, packetId: 1));
        Expect(client, 0x40, 0, 1);
        client.Send(Packets311.Subscribe(2, "a", 1));
        Expect(client, 0x90, 0, 2, 0x80);
        client.Send(Hex.Bytes("A2 05 0003 0001 61"));
        Expect(client, 0xB0, 0, 3);
        client.Send(Hex.Bytes("50 02 0009"));
        Expect(client, 0x62, 0, 9);
        client.Send(0xC0, 0);
        Expect(client, 0xD0);
    }

    [Fact]
    public async Task Message_with_a_topic_above_the_limit_is_acknowledged_and_dropped()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { MaxTopicBytes = 10 });
        using RawClient client = Connect(endpoint);

        client.Send(Packets311.Publish(Topic, Json, qos: 1, packetId: 1));

        Expect(client, 0x40, 0, 1);
        Assert.Empty(endpoint.Queues.ReadTelemetry());
        Assert.Equal(1, endpoint.Adapter.Statistics.RejectedTotal);
    }

    [Fact]
    public async Task Receive_Maximum_does_not_apply_to_a_client_of_3_1_1()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { ReceiveMaximum = 1 });
        using RawClient client = Connect(endpoint);

        client.Send([.. Enumerable.Range(1, 20).SelectMany(id => Packets311.Publish(Topic, Json, qos: 2, packetId: (byte)id))]);

        for (byte id = 1; id <= 20; id++)
        {
            Expect(client, 0x50, 0, id);
        }
    }

    [Fact]
    public async Task Clean_Session_0_keeps_the_session_and_1_discards_it()
    {
        // Section 3.1.2.4: a QoS 2 message is recognized as a duplicate for as long as the session lasts.
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        byte[] message = Packets311.Publish(Topic, Json, qos: 2, packetId: 7);
        using (RawClient first = Connect(endpoint, cleanSession: false))
        {
            first.Send(message);
            Expect(first, 0x50, 0, 7);
        }

        Eventually.True(() => endpoint.Adapter.Statistics.Connections == 0, "the first connection is gone");
        using (RawClient second = Connect(endpoint, cleanSession: false, isPresent: true))
        {
            message[0] |= 8;
            second.Send(message);
            Expect(second, 0x50, 0, 7);
            Assert.Single(endpoint.Queues.ReadTelemetry());
        }

        Eventually.True(() => endpoint.Adapter.Statistics.Connections == 0, "the second connection is gone");
        using (RawClient third = Connect(endpoint))
        {
            third.Send(0xE0, 0);
            third.ExpectClosed();
        }

        using RawClient fourth = Connect(endpoint, cleanSession: false);
    }

    [Theory]
    [InlineData("another version, section 3.1.2.2", 1, "10 0D 0004 4D515454 03 02 003C 0001 61")]
    [InlineData("MQTT 3.1, section 3.1.2.2", 1, "10 0F 0006 4D5149736470 03 02 003C 0001 61")]
    [InlineData("no client identifier with Clean Session 0, section 3.1.3.1", 2, "10 0C 0004 4D515454 04 00 003C 0000")]
    public async Task Invalid_CONNECT_is_refused_with_a_return_code(string what, int code, string hex)
    {
        Assert.NotEmpty(what);
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Open();

        client.Send(Hex.Bytes(hex));

        Expect(client, 0x20, 0, (byte)code);
        client.ExpectClosed();
    }

    [Theory]
    [InlineData("a wrong password", 4, true, "wrong")]
    [InlineData("no password although one is required", 5, false, "")]
    public async Task Unauthorized_client_is_refused_with_a_return_code(string what, int code, bool hasName, string password)
    {
        Assert.NotEmpty(what);
        using TempDirectory folder = new();
        string file = folder.Combine("passwords");
        SecretFiles.Write(file, MqttPasswordFile.CreateLine("u1", "right"));
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { PasswordFile = file });
        using RawClient client = endpoint.Open();

        client.Send(hasName
            ? Packets311.Connect("a", flags: 0xC0, rest: [.. Packets311.Text("u1"), .. Packets311.Text(password)])
            : Packets311.Connect("a"));

        Expect(client, 0x20, 0, (byte)code);
        client.ExpectClosed();
    }

    [Theory]
    [InlineData("a password without a user name, section 3.1.2.9", "10 10 0004 4D515454 04 42 003C 0001 61 0001 62")]
    [InlineData("the reserved flag, section 3.1.2.3", "10 0D 0004 4D515454 04 03 003C 0001 61")]
    [InlineData("properties, which 3.1.1 does not have", "10 0E 0004 4D515454 04 02 003C 00 0001 61")]
    [InlineData("a Will Topic with a wildcard, section 3.3.2.1", "10 13 0004 4D515454 04 06 003C 0001 61 0001 23 0001 78")]
    public async Task CONNECT_without_a_matching_return_code_closes_without_a_CONNACK(string what, string hex)
    {
        Assert.NotEmpty(what);
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Open();

        client.Send(Hex.Bytes(hex));

        client.ExpectClosed();
        Assert.Equal(1, endpoint.Adapter.Statistics.RejectedTotal);
    }

    [Theory]
    [InlineData("AUTH, section 2.2.1", "F0 00")]
    [InlineData("a second CONNECT, section 3.1", "10 0D 0004 4D515454 04 02 003C 0001 61")]
    [InlineData("a PUBACK with a reason, section 3.4", "40 03 0007 00")]
    [InlineData("a PUBREL with a reason, section 3.6", "62 03 0007 00")]
    [InlineData("a DISCONNECT with a reason, section 3.14", "E0 01 00")]
    [InlineData("a SUBSCRIBE with options, section 3.8.3", "82 06 0001 0001 61 04")]
    [InlineData("a SUBSCRIBE with QoS 3, section 3.8.3", "82 06 0001 0001 61 03")]
    [InlineData("a SUBSCRIBE without a filter, section 3.8.3", "82 02 0001")]
    [InlineData("a SUBSCRIBE with an empty filter, section 4.8", "82 05 0001 0000 00")]
    [InlineData("a SUBSCRIBE with a wildcard inside a level, section 4.8", "82 08 0001 0003 612B62 00")]
    [InlineData("a PUBLISH without a topic, section 4.7.3", "30 03 0000 78")]
    [InlineData("a PUBLISH with a wildcard, section 3.3.2.1", "30 04 0001 23 78")]
    [InlineData("packet identifier 0, section 2.3.1", "32 06 0001 61 0000 78")]
    public async Task Invalid_packet_closes_the_connection_without_an_answer(string what, string hex)
    {
        // A 3.1.1 server cannot send a DISCONNECT, section 3.14.
        Assert.NotEmpty(what);
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = Connect(endpoint);

        client.Send(Hex.Bytes(hex));

        client.ExpectClosed();
        Assert.Equal(1, endpoint.Adapter.Statistics.RejectedTotal);
    }

    [Fact]
    public async Task Keep_alive_above_the_limit_is_accepted()
    {
        // Section 3.1.2.10. A version 5 client that requests the same keep-alive gets another one, which is enforced.
        TestClock clock = new();
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { MaxKeepAliveSeconds = 10 }, clock);
        using RawClient other = endpoint.Open();
        other.Connect("of version 5", keepAlive: 60);
        clock.AdvanceUntilSomethingComes(other, TimeSpan.FromSeconds(80));
        other.ExpectDisconnect(MqttReasonCode.KeepAliveTimeout);
        using RawClient client = Connect(endpoint);

        clock.Advance(TimeSpan.FromSeconds(40));
        client.Send(0xC0, 0);
        Expect(client, 0xD0);
        clock.AdvanceUntilSomethingComes(client, TimeSpan.FromSeconds(91));

        client.ExpectClosed();
    }

    [Fact]
    public async Task Newer_connection_takes_over_the_session()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient first = Connect(endpoint, cleanSession: false);

        using RawClient second = Connect(endpoint, cleanSession: false, isPresent: true);

        first.ExpectClosed();
        second.Send(0xC0, 0);
        Expect(second, 0xD0);
    }

    [Fact]
    public async Task Will_is_stored_after_a_connection_loss_but_not_after_DISCONNECT()
    {
        // The will has Will Retain, which is not supported here. A 3.1.1 CONNACK cannot report this, so the client is not refused.
        const byte RetainedWill = 0x24;
        byte[] left = [.. Packets311.Text("devices/left/telemetry"), .. Packets311.Text(Json)];
        byte[] lost = [.. Packets311.Text("devices/lost/telemetry"), .. Packets311.Text(Json)];
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using (RawClient leaving = endpoint.Open())
        {
            leaving.Send(Packets311.Connect("left", flags: RetainedWill, rest: left));
            Expect(leaving, 0x20, 0, 0);
            leaving.Send(0xE0, 0);
            leaving.ExpectClosed();
        }

        using (RawClient losing = endpoint.Open())
        {
            losing.Send(Packets311.Connect("lost", flags: RetainedWill, rest: lost));
            Expect(losing, 0x20, 0, 0);
        }

        Eventually.True(() => endpoint.Queues.ReadTelemetry().Count > 0, "the will is stored");
        Assert.Equal([Stored.Replace("pump-7", "lost", StringComparison.Ordinal)], endpoint.Queues.ReadTelemetry());
    }

    [PeerTheory("mosquitto_pub", MosquittoTools.Package)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Mosquitto_pub_publishes_with_version_3_1_1(int qos)
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();

        MosquittoTools.PublishAs(
            "311", endpoint.Port, "-q", $"{qos}", "-t", Topic, "-m", Json, "--repeat", "20", "--repeat-delay", "0.01").EnsureSuccess();

        Eventually.True(() => endpoint.Queues.ReadTelemetry().Count >= 20, "the messages are stored");
        Assert.Equal(Enumerable.Repeat(Stored, 20), endpoint.Queues.ReadTelemetry());
        Assert.Equal(0, endpoint.Adapter.Statistics.RejectedTotal);
    }

    private static RawClient Connect(TestEndpoint endpoint, bool cleanSession = true, bool isPresent = false)
    {
        RawClient client = endpoint.Open();
        client.Send(Packets311.Connect("old", cleanSession));
        Expect(client, 0x20, isPresent ? (byte)1 : (byte)0, 0);
        return client;
    }

    /// <summary>Expects exactly these bytes, without anything of version 5.</summary>
    private static void Expect(RawClient client, byte first, params byte[] body)
    {
        RawPacket packet = client.Read();
        Assert.Equal((first, Convert.ToHexString(body)), (packet.First, Convert.ToHexString(packet.Body)));
    }
}
