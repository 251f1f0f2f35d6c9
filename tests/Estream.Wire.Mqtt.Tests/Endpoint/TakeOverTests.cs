using System.Text;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Endpoint;

/// <summary>A client reconnects with its client identifier while the endpoint still has its earlier connection.</summary>
public sealed class TakeOverTests
{
    private const string Topic = "devices/pump/telemetry";
    private const string WillTopic = "devices/will/telemetry";
    private const string Payload = """{"timestamp":1,"metric_name":"m","value":1}""";

    [Fact]
    [Trait("Statement", "MQTT-3.1.4-3")]
    public async Task Take_over_stores_what_the_client_sent_on_its_earlier_connection()
    {
        // Each round sends more than the endpoint reads at once, and the connection that takes over is already open.
        const int Rounds = 10;
        const int Messages = 2_000;

        // The clock stands still: on a busy machine, storing can take longer than the endpoint continues to read.
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(clock: new ManualClock());
        byte[] burst = [.. Enumerable.Repeat(RawClient.Publishing(Topic, Payload), Messages).SelectMany(one => one)];
        for (int round = 0; round < Rounds; round++)
        {
            using RawClient client = endpoint.Connect("pump");
            using RawClient next = endpoint.Open();
            client.Send(burst);
            next.Connect("pump");
        }

        Assert.Equal(Rounds * Messages, endpoint.Queues.ReadTelemetry().Count);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.14.4-3")]
    public async Task Take_over_honors_a_DISCONNECT_sent_on_the_earlier_connection()
    {
        const int Rounds = 10;
        byte[] burst = [.. Enumerable.Repeat(RawClient.Publishing(Topic, Payload), 2_000).SelectMany(one => one)];
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(clock: new ManualClock());
        ConnectRequest request = new() { ClientId = "pump", Will = new MqttWill { Topic = WillTopic, Payload = Payload } };
        for (int round = 0; round < Rounds; round++)
        {
            using RawClient client = endpoint.Open();
            using RawClient next = endpoint.Open();
            client.Send(ClientPackets.Connect(request));
            Assert.Equal(PacketType.ConnAck, client.Read().Type);
            client.Send([.. burst, 0xE0, 0]);
            next.Connect("pump");
        }

        Assert.DoesNotContain(endpoint.Queues.ReadTelemetry(), text => text.Contains("\"will\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Client_identifier_belongs_to_the_user_of_its_session(bool isConnected)
    {
        using TempDirectory folder = new();
        string file = folder.Combine("passwords");
        SecretFiles.Write(file,
            string.Join('\n', new[] { "ann", "bob" }.Select(user => MqttPasswordFile.CreateLine(user, user))));
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { PasswordFile = file });
        RawClient owner = endpoint.Open();
        Assert.Equal(MqttReasonCode.Success, LogIn(owner, "ann").Reason);
        if (!isConnected)
        {
            owner.Dispose();
            Eventually.True(() => endpoint.Adapter.Statistics.Connections == 0, "the connection is gone");
        }

        using RawClient other = endpoint.Open();
        Assert.Equal(MqttReasonCode.ClientIdentifierNotValid, LogIn(other, "bob").Reason);

        if (isConnected)
        {
            owner.Send(0xC0, 0);
            Assert.Equal(PacketType.PingResp, owner.Read().Type);
            owner.Dispose();
        }

        using RawClient again = endpoint.Open();
        Assert.Equal((MqttReasonCode.Success, true), LogIn(again, "ann"));
    }

    private static (MqttReasonCode Reason, bool IsPresent) LogIn(RawClient client, string user)
    {
        client.Send(ClientPackets.Connect(new ConnectRequest
        {
            ClientId = "pump", CleanStart = false, SessionExpirySeconds = 100, UserName = user, Password = Encoding.UTF8.GetBytes(user),
        }));
        RawPacket answer = client.Read();
        Assert.Equal(PacketType.ConnAck, answer.Type);
        return ((MqttReasonCode)answer.Body[1], answer.Body[0] == 1);
    }
}
