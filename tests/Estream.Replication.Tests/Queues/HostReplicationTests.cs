using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Queue;
using Estream.Replication.Internal;
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

    [Fact]
    public async Task Metrics_count_the_entries_of_other_programs_that_were_skipped()
    {
        const string Expected = "estream_replication_unreadable_total{queue=\"telemetry\",role=\"publisher\"} 1";
        ReplicationCluster cluster = brokers.NewCluster();
        using HostProcess publisher = Start("a", cluster, "\"Publish\"", ", \"Queues\": { \"telemetry\": {} }");
        RabbitLog log = new(cluster, $"estream.{cluster.Name}.telemetry", isReader: false);
        IBatchSession? stranger = null;
        await Eventually.TrueAsync(async () => (stranger = await TryConnectAsync(log)) is not null, "each broker has the stream");
        await using (stranger)
        {
            await stranger!.PublishAsync(new byte[300], default);
        }

        Eventually.True(() => publisher.Get("/metrics").Contains(Expected, StringComparison.Ordinal), $"the metrics have {Expected}");
    }

    // A broker that is busy has no copy of a new stream for some seconds.
    private static async Task<IBatchSession?> TryConnectAsync(RabbitLog log)
    {
        try
        {
            return await log.ConnectAsync(-1, default);
        }
        catch (EstreamStorageException)
        {
            return null;
        }
    }

    [Fact]
    public async Task A_circuit_with_queue_replicate_replicates_through_the_cluster_of_its_host()
    {
        ReplicationCluster cluster = brokers.NewCluster();
        string circuit = WriteCircuit(queue: "telemetry", replica: "copy");
        using HostProcess follower = Start("b", cluster, "\"Follow\"", "", "copy");
        using HostProcess publisher = Start("a", cluster, "\"Publish\"", $$"""
            ,
            "Circuits": ["{{circuit}}"],
            "Queues": { "telemetry": {}, "other": {}, "hours": {}, "results": {}, "dead-letters": {} },
            "Adapters": {
              "devices": {
                "Type": "mqtt-endpoint", "Address": "127.0.0.1", "Port": 1883,
                "Mappings": [
                  { "Topic": "devices/{device_id}/telemetry", "Payload": "json", "Schema": "IoTTelemetry", "Queue": "telemetry" }
                ]
              }
            }
            """, "other");
        Assert.Equal(Messages, await PublishAsync(publisher.MqttPort));

        string copy = _folder.Combine("b/queues/copy");
        Eventually.True(() => Count(copy) >= Messages, "the follower has all messages of the circuit");
        Assert.Equal(Read(_folder.Combine("a/queues/telemetry")), Read(copy));
    }

    [Theory]
    [InlineData("telemetry", "copy", "\"Publish\": [\"telemetry\"]", "which already replicates 'telemetry'.")]
    [InlineData("telemetry", "other", "\"Publish\": [\"other\"]", "which already replicates 'other'.")]
    [InlineData("telemetry", "copy", "\"Role\": \"auto\", \"Publish\": []", "which has the role auto")]
    public void A_circuit_whose_stream_would_have_two_publishers_is_refused(string queue, string replica, string role, string expected)
    {
        string file = _folder.Combine("host.json");
        File.WriteAllText(file, $$"""
            {
              "Estream": {
                "Circuits": ["{{WriteCircuit(queue, replica)}}"],
                "Queues": { "telemetry": {}, "other": {}, "hours": {}, "results": {}, "dead-letters": {} },
                "Replication": { "Cluster": "c", "Brokers": ["127.0.0.1:5672"], {{role}} }
              }
            }
            """);

        ProcessResult result = ChildProcess.Run("dotnet", [BuiltProgram.Host, "--check", "--config", file]);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    private string WriteCircuit(string queue, string replica)
    {
        string file = _folder.Combine("test.replicate.v1.circuit.yaml");
        File.WriteAllText(file, $$"""
            escir_version: "0.8.0"
            name: test.replicate.v1
            version: "1.0.0"
            types:
              - name: ReplicateRequest
                fields:
                  - { name: most, type: u32 }
              - name: ReplicateResult
                fields:
                  - { name: status, type: Status }
                  - { name: messages, type: u64, optional: true }
                  - { name: message_bytes, type: u64, optional: true }
                  - { name: position, type: i64, optional: true }
                  - { name: lag_messages, type: u64, optional: true }
                  - { name: lag_bytes, type: u64, optional: true }
            enums:
              Status: { values: [Done, Created, Replaced, Conflict, Absent, Full, TooLong, Unversioned, Invalid] }
            inputs: [{ name: second, every: 1s, queue: hours }]
            outputs: [{ name: results, type: ReplicateResult, queue: results }]
            compute:
              - { id: request, type: transform, schema: ReplicateRequest, set: { most: "1000" } }
              - { id: replicate, type: operation, operation: queue.replicate, queue: {{queue}}, replica: {{replica}} }
            flows: [second -> request -> replicate -> results]
            """);
        return file;
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

    private HostProcess Start(string name, ReplicationCluster cluster, string role, string sections, string queue = "telemetry")
    {
        string config = _folder.Combine($"{name}.json");
        string addresses = string.Join(", ", cluster.Brokers.Select(broker => $"\"{broker.Host}:{broker.Port}\""));
        File.WriteAllText(config, $$"""
            {
              "Estream": {
                "Replication": { "Cluster": "{{cluster.Name}}", "Brokers": [{{addresses}}], {{role}}: ["{{queue}}"] }{{sections}}
              }
            }
            """);
        return HostProcess.Start(_folder.Combine(name), configFile: config).WaitUntilReady();
    }
}
