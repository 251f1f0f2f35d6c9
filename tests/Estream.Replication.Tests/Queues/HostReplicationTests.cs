using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Queue;
using Estream.Replication.Tests.Brokers;
using Estream.Testing;
using Estream.Wire.Mqtt;

namespace Estream.Replication.Tests.Queues;

/// <summary>Two hosts on real brokers: one publishes a queue that devices feed over MQTT, the other follows it.</summary>
[Collection(BrokerCollection.Name)]
public sealed class HostReplicationTests(BrokerCluster brokers) : IDisposable
{
    private const int Messages = 300;

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_message_that_MQTT_acknowledged_at_quorum_is_in_the_copy_after_the_host_was_killed()
    {
        ReplicationCluster cluster = brokers.NewCluster();
        using HostProcess follower = Start("b", cluster, "\"Follow\"", "");
        using HostProcess publisher = Start("a", cluster, "\"Publish\"", """
            ,
            "Queues": { "telemetry": { "Durability": "Quorum" }, "dead-letters": {} },
            "Adapters": {
              "devices": {
                "Type": "mqtt-endpoint", "Address": "127.0.0.1", "Port": 1883,
                "Mappings": [
                  { "Topic": "devices/{device_id}/telemetry", "Payload": "json", "Schema": "IoTTelemetry", "Queue": "telemetry" }
                ]
              }
            }
            """);
        int acknowledged = await PublishAsync(publisher.MqttPort);
        Assert.Equal(Messages, acknowledged);
        _ = publisher.Health();
        Assert.Contains("\"replication\":[{\"queue\":\"telemetry\",\"role\":\"publisher\"", publisher.HealthText, StringComparison.Ordinal);
        publisher.Kill();

        string copy = _folder.Combine("b/queues/telemetry");
        Eventually.True(() => Count(copy) >= Messages, "the follower has all acknowledged messages");
        Assert.Equal(Read(_folder.Combine("a/queues/telemetry")), Read(copy));
    }

    /// <summary>Returns the number of messages. A follower that begins a copy briefly has no log.</summary>
    private static int Count(string queue)
    {
        try
        {
            using EstreamQueue log = EstreamQueue.OpenReadOnly(queue);
            return (int)log.GetInfo().MessageCount;
        }
        catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound)
        {
            return 0;
        }
    }

    private static List<string> Read(string queue)
    {
        using EstreamQueue log = EstreamQueue.OpenReadOnly(queue);
        using QueueTailer tailer = log.CreateTailer();
        List<string> all = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            all.Add($"{message.Position} {message.Sequence} {message.Time} {Convert.ToHexString(message.Payload)}");
        }

        return all;
    }

    private static async Task<int> PublishAsync(int port)
    {
        int acknowledged = 0;
        MqttPublisher publisher = new(
            new MqttPublisherOptions
            {
                Port = port,
                Qos = MqttQos.AtLeastOnce,
                Devices = 4,
                MaxMessages = Messages,
                Acknowledged = (_, _) => Interlocked.Increment(ref acknowledged),
            },
            (destination, _, sequence) => Encoding.UTF8.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $$"""{"timestamp":{{sequence}},"metric_name":"m","value":{{sequence}}}"""),
                destination));
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(5));
        await publisher.RunAsync(limit.Token);
        return acknowledged;
    }

    private HostProcess Start(string name, ReplicationCluster cluster, string role, string sections)
    {
        string config = _folder.Combine($"{name}.json");
        string addresses = string.Join(", ", cluster.Brokers.Select(broker => $"\"{broker.Host}:{broker.Port}\""));
        File.WriteAllText(config, $$"""
            {
              "Estream": {
                "Replication": { "Cluster": "{{cluster.Name}}", "Brokers": [{{addresses}}], {{role}}: ["telemetry"] }{{sections}}
              }
            }
            """);
        return HostProcess.Start(_folder.Combine(name), configFile: config).WaitUntilReady();
    }
}
