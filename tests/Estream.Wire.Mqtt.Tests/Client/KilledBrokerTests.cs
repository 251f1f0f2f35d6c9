using System.Globalization;
using System.Text;
using System.Text.Json;
using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Peers;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Client;

/// <summary>
/// A real mosquitto is killed or terminated three times under load in both directions. It writes its store to disk on request and on
/// SIGTERM. If it is killed, messages that it has acknowledged since the last write are lost, so the publisher resends them, as a device
/// that stores its messages would.
/// </summary>
public class KilledBrokerTests
{
    private const int Rounds = 3;
    private const int Topics = 4;

    // Messages per topic; more than the window of the publisher.
    private const int Held = 50;
    private const int Seed = 20260214;

    private static readonly int s_perTopic = LongRun.Count(1_500, 20_000);

    [PeerFact("mosquitto", MosquittoBroker.Package)]
    public async Task Messages_arrive_in_order_and_twice_only_across_a_broker_crash()
    {
        using MosquittoBroker broker = new(
            "allow_anonymous true\npersistence true\npersistence_location {folder}/\nautosave_interval 36000\nmax_queued_messages 0");
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(broker.Port));
        client.WaitUntilHealthy();
        broker.SaveAndWait();
        Random random = new(Seed);
        List<int> boundaries = [];

        for (int round = 0; round < Rounds; round++)
        {
            using ManualResetEventSlim killed = new();
            MqttPublisher interrupted = PublisherOfRound(broker.Port, round, killed);
            Task run = interrupted.RunAsync();
            int killAfter = random.Next(100, Topics * s_perTopic / 2);
            Eventually.True(() => interrupted.Acknowledged >= killAfter, "the load has started");
            broker.Kill();
            killed.Set();
            await Assert.ThrowsAsync<WireConnectionException>(() => run);
            Eventually.True(() => client.Adapter.Health.State == HealthState.Unhealthy, "the client has noticed");
            boundaries.Add(client.Queues.ReadTelemetry().Count);

            broker.Start();
            await PublisherOfRound(broker.Port, round).RunAsync();
            broker.SaveAndWait();
        }

        Eventually.True(() => Distinct(client) == Rounds * Topics * s_perTopic, "every message is there");
        Check(client.Queues.ReadTelemetry(), boundaries);
    }

    [PeerFact("mosquitto", MosquittoBroker.Package)]
    public async Task No_message_is_lost_when_the_broker_restarts_with_its_state()
    {
        // On SIGTERM mosquitto stores the messages that it has acknowledged and that the client has not acknowledged. The publisher resends
        // only messages without an acknowledgement. So a message that is missing at the end was acknowledged by the client but not stored.
        using MosquittoBroker broker = new(
            "allow_anonymous true\npersistence true\npersistence_location {folder}/\nautosave_interval 36000\nmax_queued_messages 0");
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(broker.Port));
        client.WaitUntilHealthy();
        int total = Topics * s_perTopic * Rounds;
        using ManualResetEventSlim restarted = new();
        MqttPublisher publisher = Publisher(broker.Port, total, restarted);
        Task run = publisher.RunAsync();

        for (int round = 1; round <= Rounds; round++)
        {
            Eventually.True(() => publisher.Acknowledged >= (long)total * round / (Rounds + 1), "the load has started");
            broker.Terminate();
            Eventually.True(() => client.Adapter.Health.State == HealthState.Unhealthy, "the client has noticed");
            Assert.False(run.IsCompleted, "the load has ended too early");
            broker.Start();
        }

        restarted.Set();
        await run;
        Assert.Equal(total, publisher.Acknowledged);
        Eventually.True(() => Distinct(client) == total, "every message is there");
        Check(client.Queues.ReadTelemetry(), boundaries: null);
    }

    /// <summary>One publisher for the whole test. It reconnects to the broker and resends unacknowledged messages.</summary>
    private static MqttPublisher Publisher(int port, int messages, ManualResetEventSlim release)
    {
        return new MqttPublisher(
            Load(port) with { MessagesPerSecond = 6_000, MaxMessages = messages, Acknowledged = HoldEnd(messages / Topics, release) },
            Numbered(from: 0));
    }

    private static MqttPublisher PublisherOfRound(int port, int round, ManualResetEventSlim? release = null)
    {
        return new MqttPublisher(
            Load(port) with
            {
                MaxMessages = Topics * s_perTopic, Reconnect = false, Acknowledged = release is null ? null : HoldEnd(s_perTopic, release),
            },
            Numbered(from: round * s_perTopic));
    }

    /// <summary>Holds back the last acknowledgements of a load, so that the load does not end before its release, even if a busy machine
    /// delays the test. More messages than <see cref="MqttPublisherOptions.Window"/> are then still to be sent.</summary>
    private static Action<int, long> HoldEnd(int perTopic, ManualResetEventSlim release)
    {
        return (_, sequence) =>
        {
            if (sequence >= perTopic - Held)
            {
                release.Wait(Eventually.DefaultLimit);
            }
        };
    }

    private static MqttPublisherOptions Load(int port)
    {
        return new MqttPublisherOptions
        {
            Host = "localhost",
            Port = port,
            Qos = MqttQos.AtLeastOnce,
            Connections = 2,
            Devices = Topics,
            Window = 20,
        };
    }

    private static MqttPayloadWriter Numbered(int from)
    {
        return (destination, _, sequence) => Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $$"""{"timestamp":1,"metric_name":"n","value":{{from + sequence}}}"""),
            destination);
    }

    private static int Distinct(TestClient client)
    {
        return client.Queues.ReadTelemetry().Distinct(StringComparer.Ordinal).Count();
    }

    /// <param name="messages">The messages that the client has stored.</param>
    /// <param name="boundaries">The number of stored messages at each crash; null if a message may also arrive twice because its publisher
    /// resent it.</param>
    private static void Check(IReadOnlyList<string> messages, List<int>? boundaries)
    {
        Dictionary<string, int> next = [];
        HashSet<(int Epoch, string Device, int Number)> seen = [];
        for (int index = 0; index < messages.Count; index++)
        {
            using JsonDocument message = JsonDocument.Parse(messages[index]);
            string device = message.RootElement.GetProperty("device_id").GetString()!;
            int number = (int)message.RootElement.GetProperty("value").GetDouble();
            int epoch = boundaries?.Count(boundary => boundary <= index) ?? index;
            Assert.True(seen.Add((epoch, device, number)), $"{device} {number} came twice without a kill in between (seed {Seed})");

            int expected = next.GetValueOrDefault(device);
            Assert.True(number <= expected, $"{device} {number} came before {expected} (seed {Seed})");
            next[device] = Math.Max(expected, number + 1);
        }

        Assert.Equal(Topics, next.Count);
        Assert.All(next.Values, count => Assert.Equal(Rounds * s_perTopic, count));
    }
}
