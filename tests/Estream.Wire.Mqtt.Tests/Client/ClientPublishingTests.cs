using System.Buffers;
using System.Diagnostics;
using System.Text;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Peers;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Client;

/// <summary>Packets that a client sends: messages of QoS 2, with RETAIN and with aliases, its will, and its subscription options.</summary>
public class ClientPublishingTests
{
    [Fact]
    [Trait("Statement", "MQTT-4.3.3-5")]
    public async Task MQTT_4_3_3_4_PUBREC_is_answered_with_PUBREL_and_PUBCOMP_completes_the_message()
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port) with { Subscriptions = [] });
        using RawClient connection = server.Accept();
        client.WaitUntilHealthy();

        Task<EmitStatus> emitting = EmitAsync(client, "1", quality: 2);
        RawPacket packet = connection.Read();
        Assert.Equal(0x34, packet.First);
        byte[] identifier = packet.Body[3..5];
        connection.Send([0x50, 2, .. identifier]);
        RawPacket release = connection.Read();
        Assert.Equal(0x62, release.First);
        Assert.Equal(identifier, release.Body);
        Assert.False(emitting.IsCompleted);
        connection.Send([0x70, 2, .. identifier]);

        Assert.Equal(EmitStatus.Ok, await emitting);
    }

    [Fact]
    public async Task MQTT_4_6_0_4_PUBRELs_are_sent_in_the_order_of_the_PUBRECs()
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port) with { Subscriptions = [] });
        using RawClient connection = server.Accept();
        client.WaitUntilHealthy();
        Task<EmitStatus>[] emitting =
            [EmitAsync(client, "1", quality: 2), EmitAsync(client, "2", quality: 2), EmitAsync(client, "3", quality: 2)];
        byte[][] identifiers = [connection.Read().Body[3..5], connection.Read().Body[3..5], connection.Read().Body[3..5]];

        foreach (int index in new[] { 2, 0, 1 })
        {
            connection.Send([0x50, 2, .. identifiers[index]]);
        }

        foreach (int index in new[] { 2, 0, 1 })
        {
            RawPacket release = connection.Read();
            Assert.Equal(0x62, release.First);
            Assert.Equal(identifiers[index], release.Body);
            connection.Send([0x70, 2, .. release.Body]);
        }

        Assert.All(await Task.WhenAll(emitting), status => Assert.Equal(EmitStatus.Ok, status));
    }

    [Fact]
    [Trait("Statement", "MQTT-4.4.0-2")]
    public async Task Refusing_PUBREC_completes_the_message()
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port) with { Subscriptions = [] });
        using RawClient connection = server.Accept();
        client.WaitUntilHealthy();

        Task<EmitStatus> emitting = EmitAsync(client, "1", quality: 2);
        connection.Send([0x50, 3, .. connection.Read().Body[3..5], (byte)MqttReasonCode.TopicNameInvalid]);

        Assert.Equal(EmitCode.Refused, (await emitting).Code);
    }

    [Fact]
    public async Task MQTT_3_2_2_14_RETAIN_is_sent_only_when_the_broker_supports_it()
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port) with { Subscriptions = [] });
        using (RawClient first = server.Accept())
        {
            client.WaitUntilHealthy();
            Assert.Equal(EmitStatus.Ok, await EmitAsync(client, "1", quality: 0, isRetained: true));
            Assert.Equal(0x31, first.Read().First);
        }

        using RawClient second = server.Accept(true, [0x25, 0]);
        Eventually.True(() => client.Adapter.Statistics.ReconnectsTotal == 1, "the client is back");
        client.WaitUntilHealthy();
        Assert.Equal(EmitCode.Refused, (await EmitAsync(client, "2", quality: 0, isRetained: true)).Code);
        Assert.Equal(EmitStatus.Ok, await EmitAsync(client, "3", quality: 0));

        Assert.Equal(0x30, second.Read().First);
    }

    [Fact]
    public async Task MQTT_3_2_2_17_topic_is_sent_once_when_the_broker_accepts_aliases()
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port) with { Subscriptions = [] });
        using RawClient connection = server.Accept(properties: [0x22, 0, 1]);
        client.WaitUntilHealthy();

        foreach ((string topic, string said) in new[] { ("long/topic", "long/topic"), ("long/topic", ""), ("other/topic", "other/topic") })
        {
            Assert.Equal(EmitStatus.Ok, await EmitAsync(client, "x", quality: 0, topic: topic));
            Delivered sent = Delivered.Of(connection.Read());
            Assert.Equal((said, topic == "long/topic" ? "230001" : "", "x"), (sent.Topic, sent.Properties, sent.Payload));
        }
    }

    [Fact]
    public async Task CONNECT_contains_the_will()
    {
        using RawServer server = new();
        MqttWill will = new() { Topic = "hosts/süd", Payload = "lost", Qos = MqttQos.ExactlyOnce, Retain = true, DelaySeconds = 5 };
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port) with { Will = will });
        using RawClient connection = server.AcceptSubscriber();

        AssertWill(server.LastConnect!.Body);
    }

    [Fact]
    public async Task SUBSCRIBE_contains_the_subscription_options()
    {
        // Section 3.8.3.1: No Local, Retain As Published, Retain Handling 2 and QoS 2.
        using RawServer server = new();
        MqttSubscription subscription = new("a", MqttQos.ExactlyOnce)
        {
            NoLocal = true,
            RetainAsPublished = true,
            RetainHandling = MqttRetainHandling.Never,
        };
        await using TestClient client =
            await TestClient.StartAsync(TestClient.Options(server.Port) with { Subscriptions = [subscription] });
        using RawClient connection = server.Accept();

        Assert.Equal(0x2E, connection.Read().Body[^1]);
    }

    [Fact]
    public async Task Cancelled_Emit_leaves_the_message_in_flight()
    {
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port) with { Subscriptions = [] });
        using RawClient connection = server.Accept();
        client.WaitUntilHealthy();
        using CancellationTokenSource patience = new();
        Task<EmitStatus> impatient = client.Adapter.Emit(Message("1", 1, false, "a"), patience.Token).AsTask();
        byte[] identifier = connection.Read().Body[3..5];
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);

        Task<EmitStatus> next = EmitAsync(client, "2", quality: 1);
        byte[] other = connection.Read().Body[3..5];
        Assert.NotEqual(identifier, other);
        connection.Send([0x40, 2, .. identifier, 0x40, 2, .. other]);

        Assert.Equal(EmitStatus.Ok, await next);
    }

    [Fact]
    public async Task Publishing_does_not_allocate_even_with_many_messages_in_flight()
    {
        const int Count = 128;
        using RawServer server = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port) with { Subscriptions = [] });
        using RawClient connection = server.Accept();
        client.WaitUntilHealthy();
        EgressMessage[] messages =
            [.. Enumerable.Range(0, Count).Select(number => Message($"{number}", quality: 1, isRetained: false, topic: "a"))];
        ValueTask<EmitStatus>[] answers = new ValueTask<EmitStatus>[Count];

        // A thread that collects garbage sometimes counts the rest of its allocation buffer as allocated, and code that is not optimized
        // yet can allocate. Allocations of publishing itself would show every time.
        long least = long.MaxValue;
        for (long start = Stopwatch.GetTimestamp(); least != 0 && Stopwatch.GetElapsedTime(start) < Eventually.DefaultLimit;)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int number = 0; number < Count; number++)
            {
                Expect(answers, number, client.Adapter.Emit(messages[number], CancellationToken.None));
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            foreach (ValueTask<EmitStatus> answer in answers)
            {
                connection.Send([0x40, 2, .. connection.Read().Body[3..5]]);
                Assert.Equal(EmitStatus.Ok, await answer);
            }
        }

        Assert.Equal(0, least);
    }

    [PeerFact("mosquitto_sub", MosquittoTools.Package)]
    public async Task Mosquitto_receives_each_QoS_2_message_once_and_in_order()
    {
        const int Count = 200;
        using MosquittoBroker broker = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(broker.Port) with { Subscriptions = [] });
        client.WaitUntilHealthy();

        // The subscriber uses version 3.1.1. With version 5, mosquitto_sub 2.0.11 stops in the middle, even for messages of mosquitto_pub.
        using ChildProcess subscriber =
            MosquittoTools.SubscribeAs("311", broker.Port, "-q", "2", "-t", "long/topic/#", "-F", "got %t %q %p", "-C", $"{Count}");
        Eventually.True(() => broker.Log.Contains("Sending SUBACK", StringComparison.Ordinal), "the subscriber is subscribed");

        EmitStatus[] answers = await Task.WhenAll(Enumerable.Range(0, Count)
            .Select(number => EmitAsync(client, $"{number}", quality: 2, topic: "long/topic/a")));

        Assert.All(answers, status => Assert.Equal(EmitStatus.Ok, status));
        Assert.Equal(0, subscriber.WaitForExit().ExitCode);
        string[] got = [.. subscriber.Output.Split('\n').Where(line => line.Contains("got ", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf("got ", StringComparison.Ordinal)..].TrimEnd())];
        Assert.Equal(Enumerable.Range(0, Count).Select(number => $"got long/topic/a 2 {number}"), got);
    }

    [PeerFact("mosquitto_sub", MosquittoTools.Package)]
    public async Task Mosquitto_retains_a_message_for_later_subscribers()
    {
        using MosquittoBroker broker = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(broker.Port) with { Subscriptions = [] });
        client.WaitUntilHealthy();
        Assert.Equal(EmitStatus.Ok, await EmitAsync(client, "kept", quality: 2, isRetained: true, topic: "state/a"));

        using ChildProcess subscriber = MosquittoTools.Subscribe(broker.Port, "-t", "state/#", "-F", "got %r %p", "-C", "1");

        Assert.Equal(0, subscriber.WaitForExit().ExitCode);
        Assert.Contains("got 1 kept", subscriber.Output, StringComparison.Ordinal);
    }

    private static void AssertWill(byte[] body)
    {
        Assert.False(ConnectPacket.Decode(body, out ConnectPacket connect).IsFault);
        Assert.Equal((MqttQos.ExactlyOnce, true, 5u), (connect.WillQos, connect.WillRetain, connect.WillDelaySeconds));
        Assert.Equal("hosts/süd", Encoding.UTF8.GetString(connect.WillTopic));
        Assert.Equal("lost", Encoding.UTF8.GetString(connect.WillPayload));
    }

    private static void Expect(ValueTask<EmitStatus>[] answers, int number, ValueTask<EmitStatus> answer)
    {
        answers[number] = answer;
    }

    private static Task<EmitStatus> EmitAsync(TestClient client, string payload, int quality, bool isRetained = false, string topic = "a")
    {
        return client.Adapter.Emit(Message(payload, quality, isRetained, topic), CancellationToken.None).AsTask();
    }

    private static EgressMessage Message(string payload, int quality, bool isRetained, string topic)
    {
        EgressMessage message = new() { Quality = quality, IsRetained = isRetained };
        message.Topic.Write(Encoding.UTF8.GetBytes(topic));
        message.Payload.Write(Encoding.UTF8.GetBytes(payload));
        return message;
    }
}
