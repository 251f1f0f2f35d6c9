using Estream.Replication.Tests.Brokers;
using Estream.Testing;

namespace Estream.Replication.Tests.Failover;

/// <summary>A host whose brokers are away.</summary>
[Collection(BrokerCollection.Name)]
public sealed class SpoolTests(BrokerCluster brokers) : IDisposable
{
    private const int MaxSpoolBytes = 20_000;

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_queue_is_paused_while_its_spool_is_too_long_and_resumes_when_the_brokers_are_back()
    {
        int brokerPort = FreePort.Next();
        string config = _folder.Combine("host.json");
        File.WriteAllText(config, $$"""
            {
              "Estream": {
                "Queues": { "telemetry": {}, "dead-letters": {} },
                "Replication": {
                  "Cluster": "{{brokers.NewCluster().Name}}", "Brokers": ["127.0.0.1:{{brokerPort}}"], "Publish": ["telemetry"],
                  "MaxSpoolBytes": {{MaxSpoolBytes}}
                },
                "Adapters": {
                  "devices": {
                    "Type": "mqtt-endpoint", "Address": "127.0.0.1", "Port": 1883,
                    "Mappings": [
                      { "Topic": "devices/{device_id}/telemetry", "Payload": "json", "Schema": "IoTTelemetry", "Queue": "telemetry" }
                    ]
                  }
                }
              }
            }
            """);
        using HostProcess host = HostProcess.Start(_folder.Combine("data"), configFile: config);
        Eventually.True(() => Shows(host, "\"replication\""), "the host answers");
        await using Device device = new(host.MqttPort, messages: 0, perSecond: 500);
        Eventually.True(() => Shows(host, "MaxSpoolBytes"), "the health shows the limit");

        // Messages that were read before the pause may still be acknowledged.
        int count = -1;
        Eventually.True(() => count == (count = device.Acknowledged.Count) && Shows(host, "MaxSpoolBytes"), "nothing is acknowledged");
        int paused = device.Acknowledged.Count;

        using PortForward forward = new(brokerPort, brokers.Nodes[0].Port);
        Eventually.True(() => device.Acknowledged.Count > paused + 500, "the queue resumes");

        // On a slow machine the queue can be paused again for a moment.
        Eventually.True(() => !Shows(host, "MaxSpoolBytes"), "the health no longer shows the limit");
    }

    private static bool Shows(HostProcess host, string text)
    {
        _ = host.Health();
        return host.HealthText.Contains(text, StringComparison.Ordinal);
    }
}
