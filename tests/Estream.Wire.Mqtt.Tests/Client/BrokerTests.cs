using System.Buffers;
using System.Text;
using Estream.Esf;
using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Peers;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Client;

/// <summary>The client with an installed mosquitto.</summary>
public class BrokerTests
{
    [PeerTheory("mosquitto_pub", MosquittoTools.Package)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Each_QoS_is_stored_once(int qos)
    {
        using MosquittoBroker broker = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(broker.Port, (MqttQos)qos));
        client.WaitUntilHealthy();

        MosquittoTools.Publish(broker.Port, "-q", $"{qos}", "-t", Topic, "-m", Json, "--repeat", "5").EnsureSuccess();

        Eventually.True(() => client.Queues.ReadTelemetry().Count >= 5, "the messages are stored");
        Assert.Equal(Enumerable.Repeat(Stored, 5), client.Queues.ReadTelemetry());
        Eventually.True(() => client.Adapter.Statistics.ReceivedTotal == 5, "all are counted");
        Assert.Equal(0, client.Adapter.Statistics.RejectedTotal);
    }

    [PeerFact("mosquitto_pub", MosquittoTools.Package)]
    public async Task Messages_published_while_the_client_was_disconnected_arrive_with_the_session()
    {
        using MosquittoBroker broker = new();
        using TestQueues queues = new();
        await using (TestClient first = await TestClient.StartAsync(TestClient.Options(broker.Port), queues))
        {
            first.WaitUntilHealthy();
        }

        MosquittoTools.Publish(broker.Port, "-q", "1", "-t", Topic, "-m", Json, "--repeat", "3").EnsureSuccess();
        Assert.Empty(queues.ReadTelemetry());
        await using TestClient second = await TestClient.StartAsync(TestClient.Options(broker.Port), queues);

        Eventually.True(() => queues.ReadTelemetry().Count == 3, "the messages sent during the absence are stored");
        Assert.Contains(queues.Events, happened => happened.Detail.Contains("kept the session", StringComparison.Ordinal));
    }

    [PeerFact("mosquitto_sub", MosquittoTools.Package)]
    public async Task ESF_message_is_published_as_JSON_to_the_topic_of_its_device()
    {
        using MosquittoBroker broker = new();
        MqttClientOptions options = TestClient.Options(broker.Port) with
        {
            Subscriptions = [],
            Egress = [new MqttEgress(TopicTemplate.Parse("out/{device_id}/reading", TestQueues.Iot))],
        };
        await using TestClient client = await TestClient.StartAsync(options);
        client.WaitUntilHealthy();
        using ChildProcess subscriber = MosquittoTools.Subscribe(broker.Port, "-q", "1", "-t", "out/#", "-F", "%t %q %p", "-C", "1");
        Eventually.True(() => broker.Log.Contains("Sending SUBACK", StringComparison.Ordinal), "the subscriber is subscribed");

        EgressMessage outgoing = new();
        TranslateStatus status = client.Adapter.TranslateEgress(new EsfMessage(TestQueues.Iot, Encode(Stored)), outgoing);
        Assert.True(status.IsOk, status.Describe(default));
        Assert.Equal(EmitStatus.Ok, await client.Adapter.Emit(outgoing, CancellationToken.None));

        subscriber.WaitForText($"out/pump-7/reading 1 {Stored}");
    }

    [PeerFact("mosquitto", MosquittoBroker.Package)]
    public async Task Message_whose_value_would_change_the_topic_is_not_sent()
    {
        using MosquittoBroker broker = new();
        MqttClientOptions options = TestClient.Options(broker.Port) with
        {
            Egress = [new MqttEgress(TopicTemplate.Parse("out/{device_id}/reading", TestQueues.Iot))],
        };
        await using TestClient client = await TestClient.StartAsync(options);

        TranslateStatus status = client.Adapter.TranslateEgress(
            new EsfMessage(TestQueues.Iot, Encode(Stored.Replace("pump-7", "a/b", StringComparison.Ordinal))), new EgressMessage());

        Assert.Equal(TranslateCode.Unfit, status.Code);
    }

    [PeerFact("mosquitto", MosquittoBroker.Package)]
    [Trait("Statement", "MQTT-3.2.2-5")]
    public async Task Emit_completes_when_the_broker_crashes_with_the_message_in_flight()
    {
        using MosquittoBroker broker = new();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(broker.Port));
        client.WaitUntilHealthy();
        broker.Kill();

        EgressMessage outgoing = new() { Quality = 1 };
        outgoing.Topic.Write("devices/x/telemetry"u8);
        outgoing.Payload.Write("{}"u8);
        Task<EmitStatus> emitting = client.Adapter.Emit(outgoing, CancellationToken.None).AsTask();
        broker.Start();

        // The broker has lost the session with its memory, so the result is unknown. Emit must report that instead of never completing.
        Assert.Equal(EmitCode.NotConnected, (await emitting).Code);
        client.WaitUntilHealthy();
    }

    [PeerFact("mosquitto", MosquittoBroker.Package)]
    [Trait("Statement", "MQTT-3.3.4-7")]
    public async Task Messages_beyond_the_brokers_Receive_Maximum_wait()
    {
        // [MQTT-3.3.4-7]: mosquitto closes the connection of a client that exceeds its Receive Maximum.
        using MosquittoBroker broker = new("allow_anonymous true\nmax_inflight_messages 5");
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(broker.Port));
        client.WaitUntilHealthy();

        EmitStatus[] answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(number =>
        {
            EgressMessage outgoing = new() { Quality = 1 };
            outgoing.Topic.Write("devices/x/telemetry"u8);
            outgoing.Payload.Write(Encoding.UTF8.GetBytes($$"""{"timestamp":{{number}},"metric_name":"m","value":1}"""));
            return client.Adapter.Emit(outgoing, CancellationToken.None).AsTask();
        }));

        Assert.All(answers, answer => Assert.Equal(EmitStatus.Ok, answer));
        Eventually.True(() => client.Queues.ReadTelemetry().Count == 300, "the client has got its own messages back");
        Assert.DoesNotContain(client.Queues.Events, happened => happened.Kind == AdapterEventKind.ConnectionFailed);
    }

    [PeerFact("mosquitto", MosquittoBroker.Package)]
    public async Task Client_reconnects_after_a_broker_was_silent()
    {
        TestClock clock = new();
        using MosquittoBroker broker = new();
        using TestQueues queues = new(clock: clock);
        await using TestClient client = await TestClient.StartAsync(
            TestClient.Options(broker.Port) with { KeepAliveSeconds = 600 }, queues);
        client.WaitUntilHealthy();

        broker.Signal("STOP");
        Eventually.True(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(600));
                return client.Adapter.Health.State == HealthState.Unhealthy;
            },
            "the silence is noticed");
        Eventually.True(
            () => queues.Events.Any(happened => happened.Detail.Contains("no complete packet for", StringComparison.Ordinal)),
            "and reported as such");
        broker.Signal("CONT");

        client.WaitUntilHealthy();
    }

    [Fact]
    public async Task Client_is_degraded_when_the_server_refuses_its_subscriptions()
    {
        // This endpoint has no access file, so it refuses the subscription and answers 0xA2.
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(endpoint.Port));

        Eventually.True(() =>
            client.Adapter.Health.State == HealthState.Degraded && client.Adapter.Health.Detail.Contains("0xA2", StringComparison.Ordinal),
            "the refusal is noticed");

        Assert.Contains("devices/+/telemetry", client.Adapter.Health.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_is_unhealthy_and_retries_when_the_broker_cannot_be_reached()
    {
        int port = FreePort.Next();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(port));

        Eventually.True(() => client.Queues.Events.Count(happened => happened.Kind == AdapterEventKind.ConnectionFailed) >= 3,
            "it tries again and again");

        Assert.Equal(HealthState.Unhealthy, client.Adapter.Health.State);
        Assert.Contains($"localhost:{port}", client.Adapter.Health.Detail, StringComparison.Ordinal);
    }

    private static byte[] Encode(string json)
    {
        byte[] message = new byte[1_024];
        EsfStatus status = EsfJson.TryEncode(TestQueues.Iot, Encoding.UTF8.GetBytes(json), message, out int length);
        Assert.True(status.IsOk, status.ToString());
        return message[..length];
    }
}
