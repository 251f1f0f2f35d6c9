using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Estream.Core;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Replication.Tests.Failover;

/// <summary>Two hosts with the role <c>auto</c>, each with its own data. Without other sections, they replicate the queue
/// <c>telemetry</c>.</summary>
/// <param name="cluster">The brokers.</param>
/// <param name="folder">The folder of both hosts.</param>
/// <param name="sections">The sections of the configuration except Replication, for the name of a host; null for the queue telemetry and
/// its adapter.</param>
/// <param name="publish">The queues that the hosts replicate.</param>
internal sealed partial class HostPair(ReplicationCluster cluster, TempDirectory folder, Func<string, string>? sections = null,
    string publish = "\"telemetry\"") : IDisposable
{
    private const string Telemetry = """
        "Queues": { "telemetry": { "Durability": "Quorum" }, "dead-letters": {} },
        "Adapters": {
          "devices": {
            "Type": "mqtt-endpoint", "Address": "127.0.0.1", "Port": 1883,
            "Mappings": [{ "Topic": "devices/{device_id}/telemetry", "Payload": "json", "Schema": "IoTTelemetry", "Queue": "telemetry" }]
          }
        }
        """;

    private readonly List<HostProcess> _hosts = [];

    /// <summary>Starts a host, which ends with the pair.</summary>
    /// <param name="name">The name of its data folder.</param>
    /// <param name="mqttPort">The port of its MQTT endpoint; 0 for a free port.</param>
    /// <param name="brokerPort">The only port through which the host reaches the brokers; 0 for all brokers of the cluster.</param>
    public HostProcess Start(string name, int mqttPort = 0, int brokerPort = 0)
    {
        string config = folder.Combine($"{name}.json");
        string addresses = brokerPort != 0 ? $"\"127.0.0.1:{brokerPort}\""
            : string.Join(", ", cluster.Brokers.Select(broker => $"\"{broker.Host}:{broker.Port}\""));
        string password = folder.Combine("broker.password");
        SecretFiles.Write(password, cluster.Password);
        string isPlaintextAllowed = cluster.AllowPlaintext ? "true" : "false";
        File.WriteAllText(config, $$"""
            {
              "Estream": {
                {{sections?.Invoke(name) ?? Telemetry}},
                "Replication": {
                  "Cluster": "{{cluster.Name}}", "Brokers": [{{addresses}}], "AllowPlaintext": {{isPlaintextAllowed}},
                  "User": "{{cluster.User}}", "PasswordFile": "{{password}}",
                  "Role": "auto", "Publish": [{{publish}}]
                }
              }
            }
            """);
        HostProcess host = HostProcess.Start(folder.Combine(name), mqttPort: mqttPort, configFile: config);
        _hosts.Add(host);
        return host;
    }

    /// <summary>Waits until a host follows an active host.</summary>
    public static void WaitUntilFollowing(HostProcess host) => Eventually.True(
        () => host.Process.HasExited
            ? throw new InvalidOperationException($"The host ended.\n{host.Process.Output}\n{host.Process.Error}")
            : host.Health() == HttpStatusCode.ServiceUnavailable
                && host.HealthText.Contains("\"status\":\"standby\"", StringComparison.Ordinal)
                && host.HealthText.Contains("\"role\":\"follower\",\"state\":\"running\"", StringComparison.Ordinal),
        $"the host on {host.Address} follows", ChildProcess.DefaultLimit);

    /// <summary>The telemetry of a host: one text for each message, with its position, sequence number and time.</summary>
    public List<string> Read(string name)
    {
        using EstreamQueue log = EstreamQueue.OpenReadOnly(folder.Combine(name, "queues", "telemetry"));
        using QueueTailer tailer = log.CreateTailer();
        List<string> all = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            string metric = Metric().Match(Encoding.Latin1.GetString(message.Payload)).Value;
            all.Add($"{metric} {message.Position} {message.Sequence} {message.Time} {Convert.ToHexString(message.Payload)}");
        }

        return all;
    }

    /// <summary>The names of the messages in a queue of a host, such as <c>m0-1.</c>, in their order.</summary>
    public List<string> Names(string name, string queue)
    {
        using EstreamQueue log = EstreamQueue.OpenReadOnly(folder.Combine(name, "queues", queue));
        using QueueTailer tailer = log.CreateTailer();
        List<string> all = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            all.Add(Metric().Match(Encoding.Latin1.GetString(message.Payload)).Value);
        }

        return all;
    }

    /// <summary>Waits until a copy is equal to the log of the active host.</summary>
    public void WaitUntilEqual(string active, string copy)
    {
        List<string> expected = Read(active);
        Eventually.True(
            () => CountOf(copy) >= expected.Count,
            $"'{copy}' has the messages of '{active}'", ChildProcess.DefaultLimit);
        Assert.Equal(expected, Read(copy));
    }

    /// <summary>Appends a message to the log of a host that does not run. Flushes the message, but does not replicate it.</summary>
    public void AppendUnconfirmed(string name, bool isFlushed)
    {
        using EstreamQueue log = EstreamQueue.Open(folder.Combine(name, "queues", "telemetry"), new QueueOptions());
        using QueueAppender appender = log.CreateAppender(AppenderMode.Exclusive);
        _ = appender.Append("only here"u8, isFlushed ? Durability.Every : Durability.PageCache);
    }

    public void Dispose()
    {
        foreach (HostProcess host in _hosts)
        {
            host.Dispose();
        }
    }

    /// <summary>Returns the number of messages. A host that begins a copy, perhaps after it renamed its own log, briefly has no
    /// messages.</summary>
    private int CountOf(string name)
    {
        try
        {
            return Read(name).Count;
        }
        catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound)
        {
            return 0;
        }
    }

    [GeneratedRegex("[a-z][0-9]+-[0-9]+[.]")]
    private static partial Regex Metric();
}
