using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Estream.Host.Runtime;
using Estream.Host.Tests.Process;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Host.Tests.Runtime.Reload;

/// <summary>Goal: a reload that cannot be applied changes nothing and says why.</summary>
[Collection(ProcessCollection.Name)]
public sealed class RefusedReloadTests
{
    [Fact]
    public async Task A_file_with_errors_changes_nothing()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        AdapterRuntime devices = rig.Adapter("devices");
        rig.Change(estream =>
        {
            estream["Queues"]!["orders"] = new JsonObject();
            estream["Queues"]!["telemetry"]!["SegmentByte"] = 1;
            estream["Adapters"]!["more"] = new JsonObject { ["Type"] = "mqtt-endpiont" };
        });

        ReloadReport report = await rig.ReloadAsync();

        Assert.Equal(ReloadStatus.Refused, report.Status);
        Assert.Contains(report.Errors, error => error.StartsWith("Estream:Queues:telemetry:SegmentByte ", StringComparison.Ordinal));
        Assert.Contains(report.Errors, error => error.StartsWith("Estream:Adapters:more:Type ", StringComparison.Ordinal));
        AssertAsBefore(rig, devices);

        rig.Replace("{");
        Assert.Contains("cannot be read", Assert.Single((await rig.ReloadAsync()).Errors), StringComparison.Ordinal);
        AssertAsBefore(rig, devices);
    }

    [Fact]
    public async Task A_mapping_to_an_unknown_queue_is_refused()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        AdapterRuntime devices = rig.Adapter("devices");
        rig.Change(estream => estream["Adapters"]!["more"] = ReloadRig.Endpoint(FreePort.Next(), "oders"));

        ReloadReport report = await rig.ReloadAsync();

        Assert.Contains("oders", Assert.Single(report.Errors), StringComparison.Ordinal);
        AssertAsBefore(rig, devices);
    }

    [Fact]
    public async Task Settings_that_need_a_restart_are_named_and_nothing_changes()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        AdapterRuntime devices = rig.Adapter("devices");
        rig.Change(estream =>
        {
            estream["Queues"]!["orders"] = new JsonObject();
            estream["Queues"]!["telemetry"]!["MemoryBytes"] = 1 << 20;
            estream["Http"]!["MaxConnectionsPerAddress"] = 7;
            estream["Storage"] = new JsonObject { ["MinFreeBytes"] = 1 };
        });

        ReloadReport report = await rig.ReloadAsync();

        Assert.Equal(ReloadStatus.Refused, report.Status);
        Assert.Equal(
            ["Estream:Http:MaxConnectionsPerAddress", "Estream:Queues:telemetry:MemoryBytes", "Estream:Storage:MinFreeBytes"],
            report.Restarts.Select(restart => restart.Key));
        Assert.Equal(["queue orders added"], report.Changes.Select(change => change.ToString()));
        AssertAsBefore(rig, devices);
    }

    [Fact]
    public async Task Settings_added_to_an_empty_section_need_a_restart()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(
            FreePort.Next(), estream => estream["Queues"]!["orders"] = new JsonObject());
        rig.Change(estream =>
        {
            JsonObject orders = rig.ProtectedQueue();
            string trusted = Path.Combine(rig.Data, "trusted");
            File.WriteAllText(trusted, "# estream trusted keys 1\nsender witness.key.pub\n");
            orders["RequireSignature"] = trusted;
            estream["Queues"]!["orders"] = orders;
            estream["Client"] = new JsonObject { ["Maps"] = new JsonObject { ["state"] = new JsonObject() } };
        });

        ReloadReport report = await rig.ReloadAsync();

        Assert.Empty(report.Errors);
        Assert.Equal(ReloadStatus.Refused, report.Status);
        Assert.Equal(
            [
                "Estream:Client:Maps:state", "Estream:Queues:orders:KeyFile", "Estream:Queues:orders:RequireSignature",
                "Estream:Queues:orders:Witness:KeyFile",
            ],
            report.Restarts.Select(restart => restart.Key));
    }

    [Fact]
    public async Task Adapters_run_again_whatever_fails_while_they_are_stopped()
    {
        int port = FreePort.Next();
        await using ReloadRig rig = await ReloadRig.StartAsync(port);
        rig.Parts.Queues["telemetry"].TryAdd(new FailingUser());
        rig.Change(estream =>
        {
            estream["Queues"]!["orders"] = new JsonObject();
            estream["Adapters"]!["devices"]!["MaxPacketBytes"] = 65_536;
        });

        ReloadReport report = await rig.ReloadAsync();

        Assert.Equal(ReloadStatus.RolledBack, report.Status);
        Assert.Equal(2, report.Errors.Count);
        Assert.All(report.Errors, error => Assert.Contains(FailingUser.Reason, error, StringComparison.Ordinal));
        AssertAsBefore(rig, adapter: null);
        await using AcknowledgedLoad load = new(port, "d", devices: 2, maxMessages: 4);
        await load.Completion;
        Assert.Equal(4, load.Acknowledged);
    }

    [Fact]
    public async Task A_queue_that_the_reload_has_not_opened_stays_open()
    {
        using TempDirectory folder = new();
        using EstreamQueue queue = EstreamQueue.Open(folder.Combine("orders"));
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        rig.Parts.Sinks.Add("orders", queue);
        rig.Change(estream => estream["Queues"]!["orders"] = new JsonObject());

        ReloadReport report = await rig.ReloadAsync();

        Assert.Equal(ReloadStatus.RolledBack, report.Status);
        Assert.Contains("'orders'", Assert.Single(report.Errors), StringComparison.Ordinal);
        Assert.Equal(["orders", "telemetry"], rig.Parts.Sinks.Names);
    }

    [Fact]
    public async Task A_port_in_use_rolls_all_parts_back()
    {
        int port = FreePort.Next();
        await using ReloadRig rig = await ReloadRig.StartAsync(port);
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        rig.Change(estream =>
        {
            estream["Queues"]!["orders"] = new JsonObject();
            estream["Adapters"]!["devices"]!["MaxPacketBytes"] = 65_536;
            estream["Adapters"]!["more"] = ReloadRig.Endpoint(((IPEndPoint)other.LocalEndpoint).Port, "orders");
        });

        ReloadReport report = await rig.ReloadAsync();

        Assert.Equal(ReloadStatus.RolledBack, report.Status);
        Assert.Contains("more", Assert.Single(report.Errors), StringComparison.Ordinal);
        AssertAsBefore(rig, adapter: null);
        await using AcknowledgedLoad load = new(port, "d", devices: 2, maxMessages: 4);
        await load.Completion;
        Assert.Equal(4, load.Acknowledged);

        other.Stop();
        Assert.Equal(ReloadStatus.Applied, (await rig.ReloadAsync()).Status);
        Assert.Equal(["dead-letters", "orders", "telemetry"], rig.View.Overview.Queues.Select(queue => queue.Name));
    }

    [Fact]
    public async Task A_rolled_back_reload_leaves_the_schema_files_as_they_were()
    {
        const string Schema = """
            version: "1.0"
            namespace: test.doors
            schemas:
              {0}:
                description: "A test"
                fields:
                  door: { type: string(32) }

            """;
        using TempDirectory folder = new();
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        string schemas = Path.Combine(rig.Data, "schemas");
        File.WriteAllText(Path.Combine(schemas, "moves.esf.yaml"), "# of an earlier configuration\n");
        (string Name, string Text)[] before = Files();
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        rig.Change(estream =>
        {
            JsonArray files = [];
            foreach (string name in (string[])["Doors", "Moves"])
            {
                string file = folder.Combine($"{name.ToLowerInvariant()}.esf.yaml");
                File.WriteAllText(file, Schema.Replace("{0}", name, StringComparison.Ordinal)
                    .Replace("test.doors", $"test.{name.ToLowerInvariant()}", StringComparison.Ordinal));
                files.Add(file);
            }

            estream["Schemas"] = files;
            estream["Queues"]!["orders"] = new JsonObject();
            estream["Adapters"]!["more"] = ReloadRig.Endpoint(((IPEndPoint)other.LocalEndpoint).Port, "orders");
        });

        ReloadReport report = await rig.ReloadAsync();

        Assert.True(report.Status == ReloadStatus.RolledBack, string.Join('\n', report.Errors));
        Assert.Equal(before, Files());
        other.Stop();
        Assert.Equal(ReloadStatus.Applied, (await rig.ReloadAsync()).Status);
        Assert.Equal(before.Length + 1, Files().Length);

        (string Name, string Text)[] Files() => [.. Directory.GetFiles(schemas).Order(StringComparer.Ordinal)
            .Select(file => (Path.GetFileName(file), File.ReadAllText(file)))];
    }

    private sealed class FailingUser : IQueueUser
    {
        public const string Reason = "This user cannot end.";

        public Task EndAsync(string reason) => Task.CompletedTask;

        public Task EndIfForbiddenAsync(QueueAccess access) => throw new InvalidOperationException(Reason);
    }

    private static void AssertAsBefore(ReloadRig rig, AdapterRuntime? adapter)
    {
        Assert.Equal(["dead-letters", "telemetry"], rig.View.Overview.Queues.Select(queue => queue.Name));
        Assert.Equal(["dead-letters", "telemetry"], rig.Parts.Queues.Keys);
        Assert.Equal(["telemetry"], rig.Parts.Sinks.Names);
        AdapterRuntime only = Assert.Single(rig.Parts.Adapters);
        Assert.True(adapter is null || adapter == only);

        // An adapter that was started again listens a moment later.
        Eventually.True(() => rig.View.Health.Status == "ready", "the host is ready again");
    }
}
