using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Authentication;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Authentication;

/// <summary>The endpoint requires a SCRAM proof: on connecting and on re-authentication.</summary>
public sealed class ScramEndpointTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    [Fact]
    [Trait("Statement", "MQTT-4.12.0-5")]
    [Trait("Statement", "MQTT-3.15.2-1")]
    public async Task MQTT_4_12_0_2_endpoint_requests_a_proof_and_returns_its_own_in_the_CONNACK()
    {
        await using TestEndpoint endpoint = await StartAsync();
        using RawClient client = endpoint.Open();
        ScramClient exchange = ScramUsers.Client("pump");
        client.Send(ScramUsers.Connect(exchange));

        byte[] challenge = ScramUsers.DataOf(client.Read(), MqttReasonCode.ContinueAuthentication);
        client.Send(Auth(MqttReasonCode.ContinueAuthentication, exchange.Answer(challenge)!));
        RawPacket answer = client.Read();

        Assert.Equal(PacketType.ConnAck, answer.Type);
        Assert.False(ConnAckPacket.Decode(answer.Body, out ConnAckPacket grant).IsFault);
        Assert.Equal(MqttReasonCode.Success, grant.Reason);
        Assert.True(ScramPackets.IsProven(exchange, grant.AuthenticationMethod, grant.AuthenticationData));
        client.Publish(Topic, Json, MqttQos.AtLeastOnce, 1);
        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubAck, 1));
    }

    [Theory]
    [InlineData("pump", "wrong")]
    [InlineData("nobody", ScramUsers.Password)]
    public async Task MQTT_4_12_0_4_client_without_a_valid_proof_is_refused(string user, string password)
    {
        await using TestEndpoint endpoint = await StartAsync();
        using RawClient client = endpoint.Open();
        ScramClient exchange = ScramUsers.Client(user, password);
        client.Send(ScramUsers.Connect(exchange));
        byte[] challenge = ScramUsers.DataOf(client.Read(), MqttReasonCode.ContinueAuthentication);

        client.Send(Auth(MqttReasonCode.ContinueAuthentication, exchange.Answer(challenge)!));

        client.ExpectRefusal(MqttReasonCode.NotAuthorized);
        Assert.All(endpoint.Queues.Events, happened => Assert.DoesNotContain(password, happened.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("AUTH of another method, [MQTT-4.12.0-5]", MqttReasonCode.BadAuthenticationMethod, "F0 07 18 05 15 0002 6162")]
    [InlineData("AUTH that starts a re-authentication", MqttReasonCode.ProtocolError, "F0 12 19 10 15 000D 534352414D2D5348412D323536")]
    [InlineData("AUTH with an empty body", MqttReasonCode.BadAuthenticationMethod, "F0 00")]
    [InlineData("PUBLISH", MqttReasonCode.ProtocolError, "30 04 0001 61 00")]
    [InlineData("a second CONNECT", MqttReasonCode.ProtocolError, "10 0E 0004 4D515454 05 02 003C 00 0001 61")]
    [InlineData("AUTH with a reserved flag", MqttReasonCode.MalformedPacket, "F1 00")]
    public async Task Unexpected_packet_during_authentication_is_refused_with_a_CONNACK(string what, MqttReasonCode reason, string hex)
    {
        Assert.NotEmpty(what);
        await using TestEndpoint endpoint = await StartAsync();
        using RawClient client = endpoint.Open();
        client.Send(ScramUsers.Connect(ScramUsers.Client("pump")));
        Assert.Equal(PacketType.Auth, client.Read().Type);

        client.Send(Hex.Bytes(hex));

        client.ExpectRefusal(reason);
    }

    [Fact]
    public async Task DISCONNECT_instead_of_a_proof_gets_no_CONNACK()
    {
        await using TestEndpoint endpoint = await StartAsync();
        using RawClient client = endpoint.Open();
        client.Send(ScramUsers.Connect(ScramUsers.Client("pump")));
        Assert.Equal(PacketType.Auth, client.Read().Type);

        client.Send(0xE0, 0);

        client.ExpectClosed();
    }

    [Fact]
    public async Task Silent_client_is_closed_during_authentication()
    {
        TestClock clock = new();
        await using TestEndpoint endpoint = await StartAsync(clock);
        using RawClient client = endpoint.Open();
        client.Send(ScramUsers.Connect(ScramUsers.Client("pump")));
        Assert.Equal(PacketType.Auth, client.Read().Type);

        // The timeout starts again when the challenge is sent.
        Eventually.True(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(11));
                return endpoint.Adapter.Statistics.Connections == 0;
            },
            "its connection is closed");

        client.ExpectClosed();
    }

    [Fact]
    public async Task CONNECT_without_authentication_method_is_refused_when_SCRAM_is_required()
    {
        await using TestEndpoint endpoint = await StartAsync();
        using RawClient client = endpoint.Open();

        client.Send(ClientPackets.Connect(new ConnectRequest { ClientId = "device" }));

        client.ExpectRefusal(MqttReasonCode.NotAuthorized);
    }

    [Fact]
    public async Task Client_re_authenticates_while_messages_flow()
    {
        await using TestEndpoint endpoint = await StartAsync();
        using RawClient client = Connect(endpoint);
        ScramClient again = ScramUsers.Client("pump");

        client.Send(Auth(MqttReasonCode.ReAuthenticate, again.First()));
        byte[] challenge = ScramUsers.DataOf(client.Read(), MqttReasonCode.ContinueAuthentication);
        client.Publish(Topic, Json, MqttQos.AtLeastOnce, 1);
        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubAck, 1));
        client.Send(Auth(MqttReasonCode.ContinueAuthentication, again.Answer(challenge)!));

        Assert.True(again.IsRight(ScramUsers.DataOf(client.Read(), MqttReasonCode.Success)));
        client.Send(0xC0, 0);
        Assert.Equal(PacketType.PingResp, client.Read().Type);
    }

    [Theory]
    [InlineData("pump", "wrong")]
    [InlineData("valve", ScramUsers.Password)]
    public async Task MQTT_4_12_1_2_client_that_fails_to_re_authenticate_as_the_same_user_is_disconnected(string user, string password)
    {
        await using TestEndpoint endpoint = await StartAsync();
        using RawClient client = Connect(endpoint);
        ScramClient again = ScramUsers.Client(user, password);

        client.Send(Auth(MqttReasonCode.ReAuthenticate, again.First()));
        if (user == "pump")
        {
            byte[] challenge = ScramUsers.DataOf(client.Read(), MqttReasonCode.ContinueAuthentication);
            client.Send(Auth(MqttReasonCode.ContinueAuthentication, again.Answer(challenge)!));
        }

        client.ExpectDisconnect(MqttReasonCode.NotAuthorized);
    }

    [Theory]
    [InlineData("another method", MqttReasonCode.BadAuthenticationMethod, "F0 07 19 05 15 0002 6162")]
    [InlineData("continuation without a challenge", MqttReasonCode.ProtocolError, "F0 12 18 10 15 000D 534352414D2D5348412D323536")]
    public async Task Invalid_AUTH_on_an_open_connection_disconnects(string what, MqttReasonCode reason, string hex)
    {
        Assert.NotEmpty(what);
        await using TestEndpoint endpoint = await StartAsync();
        using RawClient client = Connect(endpoint);

        client.Send(Hex.Bytes(hex));

        client.ExpectDisconnect(reason);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.15.2-3")]
    public void MQTT_3_15_2_2_AUTH_contains_only_method_and_data()
    {
        byte[] packet = ScramPackets.Write(MqttReasonCode.ContinueAuthentication, [1, 2, 3]);

        Assert.Equal(Hex.Bytes("F0 18 18 16 15 000D 534352414D2D5348412D323536 16 0003 010203"), packet);
    }

    public void Dispose()
    {
        _folder.Dispose();
    }

    private Task<TestEndpoint> StartAsync(TestClock? clock = null)
    {
        return TestEndpoint.StartAsync(new MqttEndpointOptions { ScramFile = ScramUsers.Write(_folder, "pump", "valve") }, clock);
    }

    private static RawClient Connect(TestEndpoint endpoint)
    {
        RawClient client = endpoint.Open();
        ScramClient exchange = ScramUsers.Client("pump");
        client.Send(ScramUsers.Connect(exchange));
        byte[] challenge = ScramUsers.DataOf(client.Read(), MqttReasonCode.ContinueAuthentication);
        client.Send(Auth(MqttReasonCode.ContinueAuthentication, exchange.Answer(challenge)!));
        Assert.Equal(PacketType.ConnAck, client.Read().Type);
        return client;
    }

    private static byte[] Auth(MqttReasonCode reason, byte[] data)
    {
        return ScramPackets.Write(reason, data);
    }
}
