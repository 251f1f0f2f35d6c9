using System.Text;
using System.Text.Json;
using Estream.Circuits;
using Estream.Crypto;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: a circuit that requires approvals does not run without them. If it violates a service level, log, overview and metrics
/// report it, and it keeps running.</summary>
[Collection(ProcessCollection.Name)]
public sealed class CircuitTests
{
    private const string Circuit = """
        escir_version: "0.8.0"
        name: acme.copies.v1
        version: "1.0.0"
        annotations: { governance: { approvals: 1 }, sla: { durability: 100ms }, stream_pattern: event, topology: pipeline }
        inputs: [{ name: telemetry, type: IoTTelemetry }]
        outputs: [{ name: copies, type: IoTTelemetry }]
        compute: [{ id: known, type: filter, when: has(value) }]
        flows: [telemetry -> known -> copies]
        """;

    private const string Slow = """
        escir_version: "0.8.0"
        name: acme.slow.v1
        version: "1.0.0"
        annotations: { sla: { latency: { p99: 5ms }, throughput: 1000000000, window: 1s } }
        inputs: [{ name: telemetry, type: IoTTelemetry }]
        outputs: [{ name: copies, type: IoTTelemetry }]
        compute: [{ id: known, type: filter, when: has(value) }]
        flows: [telemetry -> known -> copies]
        """;

    [Fact]
    public async Task A_circuit_runs_once_approved_and_reports_a_violated_service_level()
    {
        using HostFiles files = new();
        string folder = Path.GetDirectoryName(files.Config)!;
        string path = Path.Combine(folder, "copies.circuit.yaml");
        using MlDsa87PrivateKey anna = Configure(files, folder, path);
        using (HostProcess refused = files.Start())
        {
            ProcessResult end = refused.Process.WaitForExit();
            Assert.Equal(2, end.ExitCode);
            Assert.Contains("acme.copies.v1 1.0.0 needs 1 approvals and has 0", end.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(Path.Combine(files.Data, "queues")));
        }

        byte[] signature = new byte[MlDsa87.SignatureBytes];
        anna.Sign(File.ReadAllBytes(path), Encoding.UTF8.GetBytes(CircuitApproval.Context), signature);
        Directory.CreateDirectory(path + CircuitApproval.FolderEnding);
        File.WriteAllBytes(Path.Combine(path + CircuitApproval.FolderEnding, "anna" + CircuitApproval.FileEnding), signature);

        using HostProcess host = files.Start().WaitUntilReady();
        Assert.Contains("estream_circuit_service_level{circuit=\"acme.copies.v1\",promise=\"durability\"} 1", host.Get("/metrics"),
            StringComparison.Ordinal);
        await using (AcknowledgedLoad load = new(host.MqttPort, "d", devices: 2, maxMessages: 10))
        {
            await load.Completion;
        }

        // The circuit promises durability within 100 ms, but nothing flushes the queue of the copies.
        Eventually.True(() => State(host) == "breached", "the service level is violated");
        Eventually.True(() =>
            host.Get("/metrics")
                .Contains("estream_circuit_service_level{circuit=\"acme.copies.v1\",promise=\"durability\"} 0", StringComparison.Ordinal),
                    "the metrics say so");
        Assert.Contains("estream_circuit_running{circuit=\"acme.copies.v1\",tenant=\"default\"} 1", host.Get("/metrics"),
            StringComparison.Ordinal);
        Eventually.True(() => files.Count("copies") == 10, "it keeps running");
        Assert.Contains("misses its service level", host.Stop().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_throttled_circuit_reports_each_violated_service_level()
    {
        using HostFiles files = new();
        string path = Path.Combine(Path.GetDirectoryName(files.Config)!, "slow.circuit.yaml");
        File.WriteAllText(path, Slow);
        File.WriteAllText(files.Config, File.ReadAllText(files.Config)
            .Replace("\"dead-letters\":", "\"copies\":{\"SegmentBytes\":131072},\"dead-letters\":", StringComparison.Ordinal)
            .Replace("\"Maps\":",
                $"\"Tenants\":{{\"slow\":{{\"Circuits\":[{JsonSerializer.Serialize(path)}],\"OperationsPerSecond\":1}}}},\"Maps\":",
                StringComparison.Ordinal));
        using HostProcess host = files.Start().WaitUntilReady();
        string[] promised = ["latency p99 <= 5 ms", "throughput >= 1000000000 messages a second"];
        Assert.Equal(promised, PromisesOf(host, isBroken: false));
        await using (AcknowledgedLoad load = new(host.MqttPort, "d", devices: 2, messagesPerSecond: 200))
        {
            // The load exceeds the limit of the tenant, one operation per second, so messages wait.
            Eventually.True(() => PromisesOf(host, isBroken: true).SequenceEqual(promised), "both service levels are violated");
            Eventually.True(
                () => host.Get("/metrics") is var metrics
                    && metrics.Contains("estream_circuit_service_level{circuit=\"acme.slow.v1\",promise=\"latency\"} 0",
                        StringComparison.Ordinal)
                    && metrics.Contains("estream_circuit_service_level{circuit=\"acme.slow.v1\",promise=\"throughput\"} 0",
                        StringComparison.Ordinal),
                "the metrics say so");
            Assert.Contains("estream_circuit_running{circuit=\"acme.slow.v1\",tenant=\"slow\"} 1", host.Get("/metrics"),
                StringComparison.Ordinal);
        }

        string log = host.Stop().Output;
        Assert.All((string[])["latency", "throughput"],
            promise => Assert.Contains($"acme.slow.v1 misses its service level: {promise}", log, StringComparison.Ordinal));
    }

    private static MlDsa87PrivateKey Configure(HostFiles files, string folder, string path)
    {
        File.WriteAllText(path, Circuit);
        MlDsa87PrivateKey anna = MlDsa87PrivateKey.Generate();
        anna.PublicKey.Save(Path.Combine(folder, "anna.pub"));
        File.WriteAllText(files.Config, File.ReadAllText(files.Config)
            .Replace("\"dead-letters\":", "\"copies\":{\"SegmentBytes\":131072},\"dead-letters\":", StringComparison.Ordinal)
            .Replace("\"Maps\":",
                $"\"Circuits\":[{JsonSerializer.Serialize(path)}],"
                + $"\"Approvers\":[{JsonSerializer.Serialize(Path.Combine(folder, "anna.pub"))}],\"Maps\":",
                StringComparison.Ordinal));
        return anna;
    }

    private static string[] PromisesOf(HostProcess host, bool isBroken)
    {
        using JsonDocument overview = JsonDocument.Parse(host.Get("/api/overview"));
        return
        [
            .. overview.RootElement.GetProperty("circuits")[0].GetProperty("serviceLevels").EnumerateArray()
                .Where(promise => promise.GetProperty("brokenSince").ValueKind == JsonValueKind.String == isBroken)
                .Select(promise => $"{promise.GetProperty("name").GetString()} {promise.GetProperty("promised").GetString()}"),
        ];
    }

    private static string? State(HostProcess host)
    {
        using JsonDocument overview = JsonDocument.Parse(host.Get("/api/overview"));
        JsonElement circuit = overview.RootElement.GetProperty("circuits")[0];
        JsonElement promise = circuit.GetProperty("serviceLevels")[0];
        Assert.Equal(("durability", "durable within 100 ms"),
            (promise.GetProperty("name").GetString(), promise.GetProperty("promised").GetString()));
        return circuit.GetProperty("state").GetString();
    }
}
