using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Peers;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>Clients of MQTT 3.1.1 that subscribe. Section numbers refer to the 3.1.1 standard.</summary>
public class Version311SubscriberTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Message_arrives_without_properties(int qos)
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using RawClient client = Connect(endpoint, "old");
        client.Send(Packets311.Subscribe(1, "a/#", (byte)qos));
        Expect(client, 0x90, [0, 1, (byte)qos]);
        using Subscribing publisher = endpoint.Connect("publisher");

        // The message has a content type, a user property and an expiry.
        publisher.PublishWith("a/b", "x", "03 0001 63 26 0001 6B 0001 76 02 0000003C", qos);

        Expect(client, (byte)(0x30 | (qos << 1)), Packets311.PublishBody("a/b", "x", qos, packetId: 1));
    }

    [Fact]
    public async Task Unacknowledged_messages_are_resent_with_the_session()
    {
        // Section 4.4: at QoS 2 first the PUBLISH, and after the PUBREC only the PUBREL.
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        using (RawClient first = Connect(endpoint, "old", cleanSession: false))
        {
            first.Send(Packets311.Subscribe(1, "a", 2));
            Expect(first, 0x90, [0, 1, 2]);
            publisher.PublishWith("a", "1", "", qos: 2);
            Expect(first, 0x34, Packets311.PublishBody("a", "1", 2, packetId: 1));
        }

        endpoint.AwaitConnections(1);
        using (RawClient second = Connect(endpoint, "old", cleanSession: false, isPresent: true))
        {
            Expect(second, 0x3C, Packets311.PublishBody("a", "1", 2, packetId: 1));
            second.Send(0x50, 2, 0, 1);
            Expect(second, 0x62, [0, 1]);
        }

        endpoint.AwaitConnections(1);
        using RawClient third = Connect(endpoint, "old", cleanSession: false, isPresent: true);
        Expect(third, 0x62, [0, 1]);
        third.Send(0x70, 2, 0, 1);
        third.Send(0xC0, 0);
        Expect(third, 0xD0, []);
    }

    [Fact]
    public async Task Session_can_continue_with_another_protocol_version()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        using (Subscribing first = endpoint.Resume("both"))
        {
            Assert.Equal(MqttReasonCode.GrantedQos1, first.Subscribe("a", qos: 1, identifier: 7));
        }

        endpoint.AwaitConnections(1);
        Assert.Equal(MqttReasonCode.Success, publisher.Publish("a", "1"));
        using (RawClient second = Connect(endpoint, "both", cleanSession: false, isPresent: true))
        {
            // The Subscription Identifier is a property, so it is not sent.
            Expect(second, 0x32, Packets311.PublishBody("a", "1", 1, packetId: 1));
        }

        endpoint.AwaitConnections(1);
        using Subscribing third = endpoint.Resume("both");
        Delivered again = third.Take();
        Assert.True(third.SessionPresent);
        Assert.Equal(("1", true, "0B07"), (again.Payload, again.IsDuplicate, again.Properties));
    }

    [Fact]
    public async Task Each_SUBSCRIBE_sends_retained_messages_even_for_an_existing_subscription()
    {
        // Section 3.8.4
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        publisher.PublishWith("a", "kept", "", qos: 1, retain: true);
        using RawClient client = Connect(endpoint, "old");

        for (byte request = 1; request <= 2; request++)
        {
            client.Send(Packets311.Subscribe(request, "a", 0));
            Expect(client, 0x90, [0, request, 0]);
            Expect(client, 0x31, Packets311.PublishBody("a", "kept"));
        }
    }

    [Fact]
    public async Task Forbidden_filter_gets_failure_0x80_and_the_connection_continues()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(rules: "topic read news/#");
        using RawClient client = Connect(endpoint, "old");

        client.Send(Packets311.Subscribe(1, "secret", 1));
        Expect(client, 0x90, [0, 1, 0x80]);
        client.Send(Packets311.Publish("secret", "x", qos: 1, packetId: 2));
        Expect(client, 0x40, [0, 2]);
        client.Send(Packets311.Subscribe(3, "news/#", 1));

        Expect(client, 0x90, [0, 3, 1]);
    }

    [PeerTheory("mosquitto_sub", MosquittoTools.Package)]
    [InlineData("311", "5", 1)]
    [InlineData("5", "311", 1)]
    [InlineData("311", "311", 0)]
    [InlineData("311", "311", 2)]
    public async Task Mosquitto_subscribes_and_publishes_with_any_pair_of_versions(string subscribing, string publishing, int qos)
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using ChildProcess subscriber =
            MosquittoTools.SubscribeAs(subscribing, endpoint.Port, "-q", $"{qos}", "-t", "a/+", "-F", "got %t %q %p", "-C", "20");
        subscriber.WaitForText("SUBACK");

        MosquittoTools.PublishAs(
            publishing, endpoint.Port, "-q", $"{qos}", "-t", "a/b", "-m", "hello", "--repeat", "20", "--repeat-delay",
            "0.01").EnsureSuccess();

        Assert.Equal(0, subscriber.WaitForExit().ExitCode);
        Assert.Equal(20, subscriber.Output.Split('\n').Count(line => line.Contains($"got a/b {qos} hello", StringComparison.Ordinal)));
    }

    [PeerFact("mosquitto_sub", MosquittoTools.Package)]
    public async Task Session_of_mosquitto_sub_continues_where_it_stopped()
    {
        string[] session = ["-i", "keeper", "-c", "-q", "2", "-t", "a/#"];
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using (ChildProcess first = MosquittoTools.SubscribeAs("311", endpoint.Port, [.. session, "-E"]))
        {
            Assert.Equal(0, first.WaitForExit().ExitCode);
        }

        endpoint.AwaitConnections(0);
        MosquittoTools.PublishAs("311", endpoint.Port, "-q", "2", "-t", "a/b", "-m", "meanwhile", "--repeat", "3").EnsureSuccess();
        using ChildProcess second = MosquittoTools.SubscribeAs("311", endpoint.Port, [.. session, "-C", "3", "-F", "got %p at %q"]);

        Assert.Equal(0, second.WaitForExit().ExitCode);
        Assert.Equal(3, second.Output.Split('\n').Count(line => line.Contains("got meanwhile at 2", StringComparison.Ordinal)));
    }

    private static RawClient Connect(ServingEndpoint endpoint, string clientId, bool cleanSession = true, bool isPresent = false)
    {
        RawClient client = new(endpoint.Port);
        client.Send(Packets311.Connect(clientId, cleanSession));
        Expect(client, 0x20, [isPresent ? (byte)1 : (byte)0, 0]);
        return client;
    }

    /// <summary>Expects exactly these bytes, without anything of version 5.</summary>
    private static void Expect(RawClient client, byte first, byte[] body)
    {
        RawPacket packet = client.Read();
        Assert.Equal((first, Convert.ToHexString(body)), (packet.First, Convert.ToHexString(packet.Body)));
    }
}
