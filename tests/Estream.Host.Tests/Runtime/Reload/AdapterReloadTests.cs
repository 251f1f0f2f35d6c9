using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Estream.Host.Runtime;
using Estream.Host.Tests.Process;
using Estream.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Estream.Host.Tests.Runtime.Reload;

/// <summary>Goal: adapters and queues are added, changed and removed while other adapters keep their connections.</summary>
[Collection(ProcessCollection.Name)]
public sealed class AdapterReloadTests
{
    [Fact]
    public async Task Connections_survive_a_reload_that_adds_an_adapter_and_its_queue()
    {
        int port = FreePort.Next(), other = FreePort.Next();
        await using ReloadRig rig = await ReloadRig.StartAsync(port);
        AdapterRuntime devices = rig.Adapter("devices");
        await using AcknowledgedLoad load = new(port, "d", devices: 2, messagesPerSecond: 200);
        Eventually.True(() => load.Acknowledged > 10, "messages are acknowledged before the reload");
        rig.Change(estream =>
        {
            estream["Queues"]!["orders"] = new JsonObject();
            estream["Adapters"]!["more"] = ReloadRig.Endpoint(other, "orders");
        });

        ReloadReport report = await rig.ReloadAsync();

        Assert.Empty(report.Errors);
        Assert.Equal(ReloadStatus.Applied, report.Status);
        Assert.Equal(["queue orders added", "adapter more added"], report.Changes.Select(change => change.ToString()));
        Assert.Same(devices, rig.Adapter("devices"));
        long acknowledged = load.Acknowledged;
        await using AcknowledgedLoad second = new(other, "e", devices: 2, maxMessages: 20);
        await second.Completion;
        Assert.Equal(20, second.Acknowledged);
        Eventually.True(() => load.Acknowledged > acknowledged + 10, "messages are acknowledged on the first connections");
        Assert.False(load.Completion.IsCompleted, "the first connections are open");

        // All lists have the new parts at once.
        Assert.Equal(["devices", "more"], rig.View.Overview.Adapters.Select(adapter => adapter.Name));
        Assert.Equal(["dead-letters", "orders", "telemetry"], rig.View.Overview.Queues.Select(queue => queue.Name));
        Assert.Equal(["devices", "more"], rig.View.Health.Adapters.Select(adapter => adapter.Name));
        using HttpClient client = rig.Client;
        Assert.Contains("device_id", await client.GetStringAsync("/api/queues/orders/messages?last=1"), StringComparison.Ordinal);
        string metrics = await client.GetStringAsync("/metrics");
        Assert.Contains("estream_queue_messages{queue=\"orders\"}", metrics, StringComparison.Ordinal);
        Assert.Contains("adapter=\"more\"", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Adapters_are_changed_and_removed()
    {
        int port = FreePort.Next(), moved = FreePort.Next();
        await using ReloadRig rig = await ReloadRig.StartAsync(port);
        rig.Change(estream => estream["Adapters"]!["devices"]!["Port"] = moved);

        Assert.Equal(["adapter devices changed"], (await rig.ReloadAsync()).Changes.Select(change => change.ToString()));
        await using (AcknowledgedLoad load = new(moved, "d", devices: 2, maxMessages: 4))
        {
            await load.Completion;
            Assert.Equal(4, load.Acknowledged);
        }

        // A new adapter may use the port of a removed one.
        rig.Change(estream =>
        {
            estream["Adapters"]!.AsObject().Remove("devices");
            estream["Adapters"]!["successor"] = ReloadRig.Endpoint(moved, "telemetry");
        });
        Assert.Equal(
            ["adapter devices removed", "adapter successor added"],
            (await rig.ReloadAsync()).Changes.Select(change => change.ToString()));
        Assert.Equal(["successor"], rig.View.Overview.Adapters.Select(adapter => adapter.Name));

        rig.Change(estream => estream.Remove("Adapters"));
        ReloadReport last = await rig.ReloadAsync();
        Assert.Empty(last.Errors);
        Assert.Equal(ReloadStatus.Applied, last.Status);
        Assert.Empty(rig.View.Health.Adapters);
        using TcpClient refused = new();
        await Assert.ThrowsAsync<SocketException>(() => refused.ConnectAsync(IPAddress.Loopback, moved));
    }

    [Fact]
    public async Task An_unchanged_file_and_a_dry_run_change_nothing()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        AdapterRuntime devices = rig.Adapter("devices");
        Assert.Equal(ReloadStatus.Unchanged, (await rig.ReloadAsync()).Status);

        rig.Change(estream =>
        {
            estream["Queues"]!["orders"] = new JsonObject { ["Partitions"] = 2 };
            estream["Adapters"]!["devices"]!["MaxPacketBytes"] = 65_536;
        });
        ReloadReport plan = await rig.ReloadAsync(isDryRun: true);

        Assert.Equal(ReloadStatus.Planned, plan.Status);
        Assert.Equal(
            ["queue orders.0000 added", "queue orders.0001 added", "adapter devices changed"],
            plan.Changes.Select(change => change.ToString()));
        Assert.Same(devices, rig.Adapter("devices"));
        Assert.False(Directory.Exists(Path.Combine(rig.Data, "queues", "orders")));

        Assert.Equal(ReloadStatus.Applied, (await rig.ReloadAsync()).Status);
        Assert.NotSame(devices, rig.Adapter("devices"));
        Assert.Equal(["dead-letters", "orders.0000", "orders.0001", "telemetry"], rig.Parts.Queues.Keys);
        Assert.Equal(2, rig.Parts.Remote!.PartitionsOf("orders"));
    }

    [Fact]
    public async Task A_signal_reloads_and_is_recorded()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        rig.Change(estream => estream["Queues"]!["orders"] = new JsonObject());

        await rig.Services.GetRequiredService<HostReload>().RunOnSignalAsync();

        Assert.True(rig.Parts.Queues.ContainsKey("orders"));
        using HttpClient client = rig.Client;
        string acts = await client.GetStringAsync("/api/audit");
        Assert.Contains("SIGHUP", acts, StringComparison.Ordinal);
        Assert.Contains("applied: queue orders added", acts, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_audit_has_every_change_of_a_large_reload()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        rig.Change(estream =>
        {
            estream["Queues"]!["orders"] = new JsonObject { ["Partitions"] = 64, ["SegmentBytes"] = 65_536 };
            estream["Adapters"]!["more"] = ReloadRig.Endpoint(FreePort.Next(), "telemetry");
        });
        using HttpClient client = rig.Client;

        using HttpResponseMessage answer = await client.PutAsync("/api/reload", null);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        string acts = "";
        await Eventually.TrueAsync(
            async () => (acts = await client.GetStringAsync("/api/audit")).Contains("adapter more added", StringComparison.Ordinal),
            "the last change is recorded");
        Assert.All(Enumerable.Range(0, 64), partition =>
            Assert.Contains($"queue orders.{partition:D4} added", acts, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_new_queue_is_witnessed_and_encrypted()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        int port = FreePort.Next();
        rig.Change(estream =>
        {
            estream["Queues"]!["orders"] = rig.ProtectedQueue();
            estream["Adapters"]!["more"] = ReloadRig.Endpoint(port, "orders");
        });

        ReloadReport report = await rig.ReloadAsync();

        Assert.Empty(report.Errors);
        await using AcknowledgedLoad load = new(port, "d", devices: 2, maxMessages: 6);
        await load.Completion;
        Eventually.True(() => rig.View.Overview.Witnesses.SingleOrDefault()?.AttestedTotal == 6, "the messages are attested");
        Assert.True(rig.Parts.Queues["orders"].Queue.HasKeys);
        Assert.NotNull(rig.View.Witness("orders"));
    }
}
