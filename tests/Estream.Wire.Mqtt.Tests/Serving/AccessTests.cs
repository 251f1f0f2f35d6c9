using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>How the endpoint enforces read and write rights.</summary>
public class AccessTests
{
    private static string Passwords => $"{MqttPasswordFile.CreateLine("ann", "a")}\n{MqttPasswordFile.CreateLine("bob", "b")}\n";

    [Fact]
    public async Task Subscriptions_are_refused_without_an_access_file()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Connect();

        client.Send(Hex.Bytes("82 07 0001 00 0001 61 00"));

        Assert.Equal([0, 1, 0, 0x83], client.Read().Body);
    }

    [Fact]
    public async Task Forbidden_PUBLISH_and_SUBSCRIBE_are_refused_without_effect()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(rules: "topic read news\ntopic write devices/a/telemetry");
        using Subscribing client = endpoint.Connect("client");

        Assert.Equal(MqttReasonCode.NotAuthorized, client.Subscribe("secret"));
        Assert.Equal(MqttReasonCode.NotAuthorized, client.Subscribe("devices/a/telemetry"));
        Assert.Contains(endpoint.Queues.Events, happened => happened.Detail.Contains(
            "was denied the subscription 'secret': the AclFile does not allow it", StringComparison.Ordinal));
        Assert.Equal(MqttReasonCode.Success, client.Subscribe("news"));
        Assert.Equal(MqttReasonCode.NotAuthorized, client.Publish("devices/b/telemetry", Json));
        client.Raw.Publish("devices/b/telemetry", Json);
        client.Raw.Publish("devices/b/telemetry", Json, MqttQos.ExactlyOnce, 2);
        Assert.Equal(MqttReasonCode.NotAuthorized, client.Raw.ExpectAck(PacketType.PubRec, 2));
        Assert.Empty(endpoint.Queues.ReadTelemetry());
        Assert.Empty(endpoint.Queues.ReadDeadLetters());

        // The packet identifier is free again, and an allowed message is stored.
        client.Raw.Publish("devices/a/telemetry", Json, MqttQos.ExactlyOnce, 2);
        Assert.Equal(MqttReasonCode.Success, client.Raw.ExpectAck(PacketType.PubRec, 2));
        Assert.Single(endpoint.Queues.ReadTelemetry());
    }

    [Fact]
    public async Task Denied_subscriptions_are_logged_at_most_100_times_a_minute()
    {
        TestClock clock = new();
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(rules: "topic read news", clock: clock);
        using Subscribing client = endpoint.Connect("client");
        string longFilter = new('x', 1_000);
        string[] Denials() =>
        [
            .. endpoint.Queues.Events.Select(happened => happened.Detail)
                .Where(text => text.Contains("was denied", StringComparison.Ordinal)),
        ];

        for (int count = 0; count < 150; count++)
        {
            // The log of the adapter has a limit per second.
            clock.Advance(TimeSpan.FromMilliseconds(100));
            Assert.Equal(MqttReasonCode.NotAuthorized, client.Subscribe(longFilter));
        }

        Assert.Equal(100, Denials().Length);
        Assert.All(Denials(), text => Assert.InRange(text.Length, 128, 300));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(MqttReasonCode.NotAuthorized, client.Subscribe("secret"));
        Assert.Contains("50 denied subscriptions before this one were not logged", Denials()[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wide_subscription_delivers_only_readable_topics()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(
            rules: "user ann\ntopic read plant/#\ntopic deny plant/secret/#\nuser bob\ntopic write #", passwords: Passwords);
        using Subscribing client = endpoint.Connect("client", As("ann", "a"));
        using Subscribing publisher = endpoint.Connect("publisher", As("bob", "b"));
        Assert.Equal(MqttReasonCode.GrantedQos1, client.Subscribe("#", qos: 1));

        publisher.Publish("hall", "not readable");
        publisher.Publish("plant/secret/x", "denied");
        publisher.Publish("plant/secret", "denied as well");
        publisher.Publish("plant/a", "readable");

        Assert.Equal("readable", client.Take().Payload);
    }

    [Fact]
    public async Task CONNECT_is_refused_when_the_client_may_not_publish_its_will()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(rules: "topic write devices/other/telemetry");
        using RawClient client = new(endpoint.Port);

        client.Send(ConnectWithWill("pump", delaySeconds: 0));

        client.ExpectRefusal(MqttReasonCode.NotAuthorized);
    }

    [Fact]
    public async Task Rules_apply_to_the_authenticated_user()
    {
        await using ServingEndpoint endpoint =
            await ServingEndpoint.StartAsync(rules: "user ann\ntopic read a\npattern write from/%u", passwords: Passwords);
        using Subscribing ann = endpoint.Connect("1", As("ann", "a"));
        using Subscribing bob = endpoint.Connect("2", As("bob", "b"));

        Assert.Equal(MqttReasonCode.Success, ann.Subscribe("a"));
        Assert.Equal(MqttReasonCode.NotAuthorized, bob.Subscribe("a"));
        Assert.Equal(MqttReasonCode.NotAuthorized, bob.Publish("from/ann", "x"));
        Assert.Equal(MqttReasonCode.NoMatchingSubscribers, bob.Publish("from/bob", "x"));
    }

    [Fact]
    public async Task Unverified_user_name_grants_no_rights()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(rules: "user ann\ntopic read a\npattern write from/%u");
        using Subscribing client = endpoint.Connect("1", As("ann", "anything"));

        Assert.Equal(MqttReasonCode.NotAuthorized, client.Subscribe("a"));
        Assert.Equal(MqttReasonCode.NotAuthorized, client.Publish("from/ann", "x"));
    }

    [Fact]
    public async Task Client_identifier_of_another_user_is_refused_and_pending_messages_stay_with_its_owner()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(rules: "pattern readwrite #", passwords: Passwords);
        using Subscribing publisher = endpoint.Connect("publisher", As("ann", "a"));
        using (Subscribing ann = endpoint.Connect("shared", As("ann", "a")))
        {
            ann.Subscribe("a", qos: 1);
        }

        endpoint.AwaitConnections(1);
        publisher.Publish("a", "for ann");
        using RawClient bob = new(endpoint.Port);
        bob.Send(ClientPackets.Connect(As("bob", "b") with { ClientId = "shared" }));

        Assert.Equal(MqttReasonCode.ClientIdentifierNotValid, (MqttReasonCode)bob.Read().Body[1]);
        using Subscribing again = endpoint.Connect("shared", As("ann", "a"));
        Assert.True(again.SessionPresent);
        Assert.Equal("for ann", again.Take().Payload);
    }

    [Fact]
    public async Task Endpoint_with_an_access_file_requires_an_AdapterPlace()
    {
        using TempDirectory folder = new();
        await File.WriteAllTextAsync(folder.Combine("rules"), ServingEndpoint.Everything);
        using TestQueues queues = new();
        await using MqttEndpoint endpoint = new(
            new MqttEndpointOptions { Port = 0, AclFile = folder.Combine("rules") }, [TestQueues.JsonMapping],
            queues.Context with { Place = null });

        WireConfigurationException failure =
            await Assert.ThrowsAsync<WireConfigurationException>(() => endpoint.StartAsync(CancellationToken.None));

        Assert.Equal("AclFile", failure.Key);
    }

    private static ConnectRequest As(string user, string password)
    {
        return new ConnectRequest
        {
            ClientId = "", CleanStart = false, SessionExpirySeconds = 1_000, UserName = user,
            Password = System.Text.Encoding.UTF8.GetBytes(password),
        };
    }
}
