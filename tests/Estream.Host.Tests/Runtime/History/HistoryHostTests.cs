using System.Text.Json.Nodes;
using Estream.Host.Runtime;
using Estream.Host.Tests.Runtime.Reload;
using Estream.Testing;

namespace Estream.Host.Tests.Runtime.History;

/// <summary>Goal: the history of a host has its queues, maps and adapters, and follows a reload.</summary>
public sealed class HistoryHostTests
{
    [Fact]
    public async Task The_parts_of_a_host_are_recorded_and_partitions_are_one_queue()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next(), estream =>
        {
            estream["Queues"]!["trades"] = new JsonObject { ["Partitions"] = 4, ["SegmentBytes"] = 65_536 };
            estream["Client"] = new JsonObject { ["Maps"] = new JsonObject { ["settings"] = new JsonObject { ["MaxEntries"] = 100 } } };
            estream["Maps"] = new JsonObject
            {
                ["latest"] = new JsonObject { ["Queue"] = "telemetry", ["Schema"] = "IoTTelemetry", ["Key"] = "device_id" },
            };
        });

        Eventually.True(() => rig.View.History!.List().Length > 0, "values are recorded");
        Assert.Equal(
            [
                "adapter/devices/connections", "adapter/devices/p50", "adapter/devices/p99", "adapter/devices/received",
                "adapter/devices/rejected", "host/cpu", "host/disk-free", "host/memory", "map/latest/entries", "map/latest/rate",
                "map/settings/entries", "queue/dead-letters/bytes", "queue/dead-letters/rate",
                "queue/telemetry/bytes", "queue/telemetry/rate", "queue/trades/bytes", "queue/trades/rate",
            ],
            rig.View.History!.List().Select(info => info.Name).Where(name => !name.Contains("/lag/", StringComparison.Ordinal)));
        Eventually.True(
            () => rig.View.History.TryGetLast("host/memory", out double bytes) && bytes > 1_000_000
                && rig.View.History.TryGetLast("host/cpu", out _) && rig.View.History.TryGetLast("host/disk-free", out _)
                && rig.View.History.TryGetLast("queue/telemetry/lag/map-latest", out double lag) && lag >= 0,
            "values are there");

        rig.Change(estream => estream["Queues"]!["orders"] = new JsonObject { ["SegmentBytes"] = 65_536 });
        Assert.Equal(ReloadStatus.Applied, (await rig.ReloadAsync()).Status);
        Eventually.True(() => rig.View.History.List().Any(info => info.Name == "queue/orders/rate"), "the new queue is recorded");
    }

    [Fact]
    public async Task A_host_without_history_writes_no_files()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(
            FreePort.Next(), estream => estream["History"] = new JsonObject { ["Enabled"] = false });

        Assert.Null(rig.View.History);
        Assert.Null(rig.View.Alerts);
        Assert.False(Directory.Exists(Path.Combine(rig.Data, "history")));
    }
}
