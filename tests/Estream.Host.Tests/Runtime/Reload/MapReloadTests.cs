using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Estream.Client;
using Estream.Host.Runtime;
using Estream.Host.Tests.Process;
using Estream.Testing;

namespace Estream.Host.Tests.Runtime.Reload;

/// <summary>Goal: maps are added, changed and removed while the host runs.</summary>
[Collection(ProcessCollection.Name)]
public sealed class MapReloadTests
{
    [Fact]
    public async Task A_map_is_added_changed_and_removed()
    {
        int port = FreePort.Next();
        await using ReloadRig rig = await ReloadRig.StartAsync(port);
        await using (AcknowledgedLoad load = new(port, "d", devices: 2, maxMessages: 10))
        {
            await load.Completion;
        }

        rig.Change(estream => estream["Maps"] = new JsonObject { ["latest"] = Map("device_id") });
        Assert.Equal(["map latest added"], (await rig.ReloadAsync()).Changes.Select(change => change.ToString()));
        Assert.Equal(2, rig.View.Overview.Maps.Single().Entries);
        using HttpClient client = rig.Client;
        Assert.Contains("\"total\":2", await client.GetStringAsync("/api/maps/latest"), StringComparison.Ordinal);
        await using EstreamClient remote = await rig.ConnectAsync();
        List<MapKey> keys = [];
        await foreach (KeyedMapEntry entry in remote.Map("latest").ScanAsync())
        {
            keys.Add(entry.Key);
        }

        Assert.Equal(2, keys.Count);

        rig.Change(estream => estream["Maps"]!["latest"] = Map("timestamp"));
        Assert.Equal(["map latest changed"], (await rig.ReloadAsync()).Changes.Select(change => change.ToString()));
        Assert.True(rig.View.Overview.Maps.Single().Entries > 2, "there are more times than devices");
        Assert.Null(await remote.Map("latest").GetAsync(keys[0]));

        rig.Change(estream => estream.Remove("Maps"));
        ReloadChange removed = Assert.Single((await rig.ReloadAsync()).Changes);
        Assert.Equal("map latest removed", removed.ToString());
        Assert.Contains("estream queue remove-tailer telemetry map-latest", removed.Detail, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/api/maps/latest")).StatusCode);
        EstreamClientException gone =
            await Assert.ThrowsAsync<EstreamClientException>(async () => await remote.Map("latest").GetAsync(keys[0]));
        Assert.Equal(ClientStatus.NotFound, gone.Status);
        Assert.Equal("ready", rig.View.Health.Status);
    }

    [Fact]
    public async Task A_changed_map_keeps_its_entries_if_an_adapter_cannot_start()
    {
        int port = FreePort.Next();
        await using ReloadRig rig = await ReloadRig.StartAsync(
            port, estream => estream["Maps"] = new JsonObject { ["latest"] = Map("device_id") });
        await using (AcknowledgedLoad load = new(port, "d", devices: 2, maxMessages: 10))
        {
            await load.Completion;
        }

        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        rig.Change(estream =>
        {
            estream["Maps"]!["latest"] = Map("timestamp");
            estream["Maps"]!["more"] = Map("device_id");
            estream["Adapters"]!["more"] = ReloadRig.Endpoint(((IPEndPoint)other.LocalEndpoint).Port, "telemetry");
        });

        Assert.Equal(ReloadStatus.RolledBack, (await rig.ReloadAsync()).Status);

        Assert.Equal(["latest"], rig.View.Overview.Maps.Select(map => map.Name));
        Assert.Equal(2, rig.View.Overview.Maps.Single().Entries);
        await using AcknowledgedLoad again = new(port, "e", devices: 2, maxMessages: 10);
        await again.Completion;
        Eventually.True(() => rig.Parts.Maps["latest"].EntryCount == 4, "the map follows its queue");
    }

    [Fact]
    public async Task A_map_that_clients_cannot_see_is_reported_and_all_other_changes_apply()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next(), estream =>
        {
            estream["Maps"] = new JsonObject { ["latest"] = Map("device_id") };
            estream["Queues"]!["old"] = new JsonObject();
        });
        rig.Parts.Remote!.AddFold("more", rig.Parts.Maps["latest"]);
        rig.Change(estream =>
        {
            estream["Maps"]!["more"] = Map("timestamp");
            estream["Queues"]!.AsObject().Remove("old");
            estream["Queues"]!["orders"] = new JsonObject();
        });

        ReloadReport report = await rig.ReloadAsync();

        Assert.Equal(ReloadStatus.Applied, report.Status);
        Assert.False(report.IsDone);
        Assert.Contains("'more'", Assert.Single(report.Errors), StringComparison.Ordinal);
        Assert.Equal(["dead-letters", "orders", "telemetry"], rig.Parts.Queues.Keys);
        Assert.Equal(ReloadStatus.Unchanged, (await rig.ReloadAsync()).Status);
    }

    [Fact]
    public async Task An_adapter_that_reads_a_changed_map_restarts()
    {
        int port = FreePort.Next(), modbus = FreePort.Next();
        await using ReloadRig rig = await ReloadRig.StartAsync(port, estream =>
        {
            estream["Maps"] = new JsonObject { ["latest"] = Map("device_id") };
            estream["Adapters"]!["registers"] = new JsonObject
            {
                ["Type"] = "modbus-server",
                ["Port"] = modbus,
                ["Map"] = "latest",
                ["Units"] = new JsonArray(new JsonObject
                {
                    ["Name"] = "plant",
                    ["Points"] = new JsonArray(new JsonObject
                    {
                        ["Name"] = "boiler", ["Key"] = "d-0", ["Field"] = "value", ["Table"] = "input", ["Address"] = 2,
                        ["Type"] = "float32",
                    }),
                }),
            };
        });
        AdapterRuntime registers = rig.Adapter("registers"), devices = rig.Adapter("devices");
        rig.Change(estream => estream["Maps"]!["latest"] = Map("timestamp"));

        ReloadReport report = await rig.ReloadAsync();

        Assert.Empty(report.Errors);
        Assert.Equal(["map latest changed", "adapter registers changed"], report.Changes.Select(change => change.ToString()));
        Assert.NotSame(registers, rig.Adapter("registers"));
        Assert.Same(devices, rig.Adapter("devices"));
    }

    private static JsonObject Map(string key) => new() { ["Queue"] = "telemetry", ["Schema"] = "IoTTelemetry", ["Key"] = key };
}
