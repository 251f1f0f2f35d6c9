using System.Buffers;
using System.Text;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Authentication;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Authentication;

/// <summary>The client authenticates with SCRAM and requires a proof of its broker.</summary>
public sealed class ScramClientTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    [Fact]
    public async Task Client_authenticates_to_the_endpoint_with_SCRAM()
    {
        await using TestEndpoint endpoint =
            await TestEndpoint.StartAsync(new MqttEndpointOptions { ScramFile = ScramUsers.Write(_folder, "pump") });
        await using TestClient client = await TestClient.StartAsync(Options(endpoint.Port));
        client.WaitUntilHealthy();

        EgressMessage message = new() { Quality = 2 };
        message.Topic.Write(Encoding.UTF8.GetBytes(Topic));
        message.Payload.Write(Encoding.UTF8.GetBytes(Json));
        Assert.Equal(EmitStatus.Ok, await client.Adapter.Emit(message, CancellationToken.None));

        Assert.Equal([Stored], endpoint.Queues.ReadTelemetry());
    }

    [Fact]
    [Trait("Statement", "MQTT-4.12.0-3")]
    public async Task MQTT_3_1_2_30_client_sends_only_its_proof_before_the_CONNACK()
    {
        using RawServer server = new();
        await using TestClient client =
            await TestClient.StartAsync(Options(server.Port) with { Subscriptions = [new MqttSubscription("a")] });
        using RawClient connection = server.AcceptUnanswered();
        ScramServer exchange = Begin(connection, server.LastConnect!);

        byte[]? proof = exchange.Finish(ScramUsers.DataOf(connection.Read(), MqttReasonCode.ContinueAuthentication));
        Assert.NotNull(proof);
        Assert.Equal(0, connection.Socket.Available);
        Welcome(connection, proof);

        Assert.Equal(PacketType.Subscribe, connection.Read().Type);
    }

    [Fact]
    public async Task Client_disconnects_from_a_broker_that_does_not_prove_itself()
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(Options(server.Port));
        using RawClient connection = server.AcceptUnanswered();
        Begin(connection, server.LastConnect!);
        ScramUsers.DataOf(connection.Read(), MqttReasonCode.ContinueAuthentication);

        Welcome(connection, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="u8.ToArray());

        connection.ExpectClosed();
        Eventually.True(
            () => client.Queues.Events.Any(happened => happened.Detail.Contains("did not prove", StringComparison.Ordinal)),
            "the client reports the reason");
        Assert.All(client.Queues.Events,
            happened => Assert.DoesNotContain(ScramUsers.Password, happened.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Client_sends_no_proof_when_the_iterations_are_below_the_minimum()
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(Options(server.Port));
        using RawClient connection = server.AcceptUnanswered();
        string first = Encoding.UTF8.GetString(FirstOf(server.LastConnect!));
        string nonce = first[(first.IndexOf(",r=", StringComparison.Ordinal) + 3)..];

        connection.Send(ScramPackets.Write(
            MqttReasonCode.ContinueAuthentication, Encoding.UTF8.GetBytes($"r={nonce}more,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1")));

        connection.ExpectClosed();
    }

    [Fact]
    [Trait("Statement", "MQTT-4.12.1-2")]
    public async Task MQTT_4_12_1_1_client_re_authenticates_and_disconnects_when_the_broker_cannot_prove_itself()
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(Options(server.Port) with { ReauthenticateSeconds = 1 });
        using RawClient connection = server.AcceptUnanswered();
        Welcome(connection,
            Begin(connection, server.LastConnect!).Finish(ScramUsers.DataOf(connection.Read(), MqttReasonCode.ContinueAuthentication))!);

        ScramServer again = new(Users(), Scram.NewNonce());
        connection.Send(ScramPackets.Write(
            MqttReasonCode.ContinueAuthentication, again.Begin(ScramUsers.DataOf(connection.Read(), MqttReasonCode.ReAuthenticate))!));
        byte[]? proof = again.Finish(ScramUsers.DataOf(connection.Read(), MqttReasonCode.ContinueAuthentication));
        Assert.NotNull(proof);
        connection.Send(ScramPackets.Write(MqttReasonCode.Success, proof));

        // The second re-authentication answers with the outdated proof of the first.
        ScramServer third = new(Users(), Scram.NewNonce());
        connection.Send(ScramPackets.Write(
            MqttReasonCode.ContinueAuthentication, third.Begin(ScramUsers.DataOf(connection.Read(), MqttReasonCode.ReAuthenticate))!));
        Assert.NotNull(third.Finish(ScramUsers.DataOf(connection.Read(), MqttReasonCode.ContinueAuthentication)));
        connection.Send(ScramPackets.Write(MqttReasonCode.Success, proof));

        connection.ExpectDisconnect(MqttReasonCode.NotAuthorized);
    }

    [Fact]
    public async Task Client_disconnects_when_the_broker_does_not_answer_a_re_authentication()
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(Options(server.Port) with { ReauthenticateSeconds = 1 });
        using RawClient connection = server.AcceptUnanswered();
        Welcome(connection,
            Begin(connection, server.LastConnect!).Finish(ScramUsers.DataOf(connection.Read(), MqttReasonCode.ContinueAuthentication))!);

        ScramUsers.DataOf(connection.Read(), MqttReasonCode.ReAuthenticate);

        connection.ExpectClosed();
        Eventually.True(
            () => client.Queues.Events.Any(happened => happened.Detail.Contains("has not answered the AUTH", StringComparison.Ordinal)),
            "the client reports the reason");
    }

    [Fact]
    public async Task Password_file_that_others_can_read_is_not_used()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using RawServer server = new();
        MqttClientOptions options = Options(server.Port);
        File.SetUnixFileMode(options.PasswordFile!, UnixFileMode.UserRead | UnixFileMode.GroupRead);

        await using TestClient client = await TestClient.StartAsync(options);

        Eventually.True(() => client.Queues.Events.Any(happened => happened.Detail.Contains("chmod 600", StringComparison.Ordinal)),
            "the client reports it");
    }

    public void Dispose()
    {
        _folder.Dispose();
    }

    private MqttClientOptions Options(int port)
    {
        string password = _folder.Combine("password");
        File.WriteAllText(password, ScramUsers.Password);
        ScramUsers.Protect(password);
        return TestClient.Options(port) with
        {
            Subscriptions = [],
            UserName = "pump",
            PasswordFile = password,
            Authentication = MqttAuthentication.ScramSha256,
        };
    }

    private MqttScramFile Users()
    {
        return MqttScramFile.Load(ScramUsers.Write(_folder, "pump"));
    }

    /// <summary>Answers a CONNECT with a challenge.</summary>
    private ScramServer Begin(RawClient connection, RawPacket connect)
    {
        ScramServer exchange = new(Users(), Scram.NewNonce());
        connection.Send(ScramPackets.Write(MqttReasonCode.ContinueAuthentication, exchange.Begin(FirstOf(connect))!));
        return exchange;
    }

    private static byte[] FirstOf(RawPacket connect)
    {
        Assert.False(ConnectPacket.Decode(connect.Body, out ConnectPacket packet).IsFault);
        Assert.True(packet.AuthenticationMethod.SequenceEqual(Scram.Method));
        Assert.False(packet.HasUserName || packet.HasPassword);
        return packet.AuthenticationData.ToArray();
    }

    private static void Welcome(RawClient connection, byte[] proof)
    {
        byte[] packet = new byte[256];
        ConnAckGrant grant = new(
            SessionPresent: false, MqttReasonCode.Success, ServesSubscribers: true, AuthenticationMethod: Scram.Method.ToArray(),
            AuthenticationData: proof);
        connection.Send(packet[..ControlPackets.WriteConnAck(packet, grant)]);
    }
}
