using System.Text.Json;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: the usage of circuits survives a stop completely, and a crash except for the usage since the last measurement. The usage
/// of removed circuits stays in the total of their tenant.</summary>
[Collection(LongProcessCollection.Name)]
public sealed class UsageKillTests
{
    private const int NotStarted = 2;
    private const int Messages = 100;

    private static readonly string[] s_growing =
        ["operations", "cpuNanos", "ingressBytes", "egressBytes", "proofs", "retentionByteSeconds"];

    [Fact]
    public async Task Usage_seen_before_a_crash_is_not_lost()
    {
        using HostFiles files = new();
        Configure(files,
            $$"""{"acme":{"Circuits":[{{CircuitFile(files, "copies")}}]},"globex":{"Circuits":[{{CircuitFile(files, "others")}}]} }""");
        (int http, int mqtt) = (FreePort.Next(), FreePort.Next());
        Random random = new(29);
        Dictionary<string, long[]> kept = [];
        for (int kill = 0; kill < LongRun.Count(3, 30); kill++)
        {
            using HostProcess host = files.Start(http, mqtt).WaitUntilReady();
            RequireAtLeast(kept, UsageIn(host));
            AcknowledgedLoad load = new(mqtt, $"r{kill}", devices: 4, messagesPerSecond: 2_000);
            Eventually.True(() => load.Acknowledged > 0, "messages flow");
            kept = UsageIn(host);

            // The next measurement stores at least the usage seen now. It is certainly complete when a second measurement is visible.
            AwaitLook(host);
            AwaitLook(host);
            await load.KillAsync(host, random.Next(300));
        }

        using HostProcess last = files.Start(http, mqtt).WaitUntilReady();
        Eventually.True(() => files.Count("copies") == files.Count("telemetry") && files.Count("others") == files.Count("telemetry"),
            "the circuits have arrived");
        AwaitLook(last);
        Dictionary<string, long[]> usage = UsageIn(last);
        RequireAtLeast(kept, usage);
        Assert.True(kept["acme"][0] > Messages, "there was no load to speak of");

        // A message counts once, when it is read and its results are durable.
        Assert.All(new[] { "acme", "acme.copies.v1", "globex", "acme.others.v1" },
            name => Assert.InRange(usage[name][0], 1, 2 * files.Count("telemetry")));
    }

    [Fact]
    public async Task A_stop_loses_no_usage_and_a_removed_circuit_stays_in_the_total_of_its_tenant()
    {
        using HostFiles files = new();
        string circuits =
            $$"""{"acme":{"Circuits":[{{CircuitFile(files, "copies")}}]},"globex":{"Circuits":[{{CircuitFile(files, "others")}}]} }""";
        Configure(files, circuits);
        using (HostProcess host = files.Start().WaitUntilReady())
        {
            await using AcknowledgedLoad load = new(host.MqttPort, "d", devices: 4, maxMessages: Messages);
            await load.Completion;
            Eventually.True(() => UsageIn(host) is var usage && usage["acme"][0] == 2 * Messages && usage["globex"][0] == 2 * Messages,
                "the circuits have arrived");
            Assert.Equal(0, host.Stop().ExitCode);
        }

        using (HostProcess host = files.Start().WaitUntilReady())
        {
            Dictionary<string, long[]> usage = UsageIn(host);
            Assert.Equal((2 * Messages, 2 * Messages), (usage["acme.copies.v1"][0], usage["acme.others.v1"][0]));
            Assert.True(usage["acme"][2] > 0 && usage["acme"][3] > 0);
            string metrics = host.Get("/metrics");
            Assert.Contains($"estream_circuit_operations_total{{circuit=\"acme.copies.v1\",tenant=\"acme\"}} {2 * Messages}", metrics,
                StringComparison.Ordinal);
            Assert.Contains($"estream_tenant_operations_total{{tenant=\"globex\"}} {2 * Messages}", metrics, StringComparison.Ordinal);
            Assert.Equal(0, host.Stop().ExitCode);
        }

        File.WriteAllText(files.Config,
            File.ReadAllText(files.Config)
                .Replace(circuits,
                    $$"""{"acme":{"OperationsPerSecond":1000000},"globex":{"Circuits":[{{CircuitFile(files, "others")}}]} }""",
                    StringComparison.Ordinal));
        using HostProcess without = files.Start().WaitUntilReady();
        Dictionary<string, long[]> rest = UsageIn(without);
        Assert.Equal(["acme", "acme.others.v1", "globex"], rest.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(2 * Messages, rest["acme"][0]);
    }

    [Fact]
    public void A_completely_damaged_usage_file_is_reported_as_one_error_with_advice()
    {
        const int FirstImage = 4_096;
        using HostFiles files = new();
        Configure(files, $$"""{"acme":{"Circuits":[{{CircuitFile(files, "copies")}}]} }""");
        using (HostProcess host = files.Start().WaitUntilReady())
        {
            Assert.Equal(0, host.Stop().ExitCode);
        }

        string path = Path.Combine(files.Data, "usage", "circuits.usage");
        byte[] bytes = File.ReadAllBytes(path);
        bytes.AsSpan(FirstImage).Clear();
        File.WriteAllBytes(path, bytes);
        using (HostProcess refused = files.Start())
        {
            ProcessResult end = refused.Process.WaitForExit();
            Assert.Equal(NotStarted, end.ExitCode);
            string message = Assert.Single(end.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Contains(path, message, StringComparison.Ordinal);
            Assert.Contains("move it away", message, StringComparison.Ordinal);
        }

        File.Move(path, path + ".damaged");
        using HostProcess again = files.Start().WaitUntilReady();
        Assert.Equal(0, UsageIn(again)["acme"][0]);
    }

    private static string CircuitFile(HostFiles files, string name)
    {
        string path = Path.Combine(Path.GetDirectoryName(files.Config)!, $"{name}.circuit.yaml");
        File.WriteAllText(path, $$"""
            escir_version: "0.8.0"
            name: acme.{{name}}.v1
            version: "1.0.0"
            inputs: [{ name: telemetry, type: IoTTelemetry }]
            outputs: [{ name: {{name}}, type: IoTTelemetry }]
            compute: [{ id: known, type: filter, when: has(value) }]
            flows: [telemetry -> known -> {{name}}]
            """);
        return JsonSerializer.Serialize(path);
    }

    private static void Configure(HostFiles files, string tenants) => File.WriteAllText(files.Config, File.ReadAllText(files.Config)
        .Replace("\"dead-letters\":", "\"copies\":{\"SegmentBytes\":131072},\"others\":{\"SegmentBytes\":131072},\"dead-letters\":",
            StringComparison.Ordinal)
        .Replace("\"Maps\":", $"\"Tenants\":{tenants},\"Maps\":", StringComparison.Ordinal));

    /// <summary>The usage counters in <see cref="s_growing"/> of each circuit and tenant.</summary>
    private static Dictionary<string, long[]> UsageIn(HostProcess host)
    {
        using JsonDocument overview = JsonDocument.Parse(host.Get("/api/overview"));
        return overview.RootElement.GetProperty("circuits").EnumerateArray()
            .Concat(overview.RootElement.GetProperty("tenants").EnumerateArray())
            .ToDictionary(one => one.GetProperty("name").GetString()!,
                one => s_growing.Select(number => one.GetProperty("usage").GetProperty(number).GetInt64()).ToArray());
    }

    /// <summary>Waits until the host has measured the stored bytes of circuits again. Each measurement increases the counter
    /// <c>retentionByteSeconds</c>.</summary>
    private static void AwaitLook(HostProcess host)
    {
        long before = HeldIn(host);
        Eventually.True(() => HeldIn(host) > before, "the usage is measured again");
    }

    private static long HeldIn(HostProcess host) => UsageIn(host)["acme"][^1];

    private static void RequireAtLeast(Dictionary<string, long[]> kept, Dictionary<string, long[]> usage)
    {
        foreach ((string name, long[] least) in kept)
        {
            Assert.All(Enumerable.Range(0, s_growing.Length),
                i => Assert.True(usage[name][i] >= least[i], $"{name} had used {least[i]} {s_growing[i]}, and has used {usage[name][i]}"));
        }
    }
}
