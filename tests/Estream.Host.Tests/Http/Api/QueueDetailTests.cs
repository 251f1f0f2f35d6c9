using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Estream.Core;
using Estream.Host.Tests.Process;
using Estream.Host.Tests.Runtime.Reload;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire;

namespace Estream.Host.Tests.Http;

/// <summary>Goal: the description of a queue names its readers, its writers and who holds its retention.</summary>
[Collection(ProcessCollection.Name)]
public sealed class QueueDetailTests
{
    [Fact]
    public async Task A_queue_is_described_with_its_readers_writers_and_pauses()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next(), estream => estream["Maps"] = new JsonObject
        {
            ["latest"] = new JsonObject { ["Queue"] = "telemetry", ["Schema"] = "IoTTelemetry", ["Key"] = "device_id" },
        });
        using HttpClient client = rig.Client;
        using QueueTailer tailer = rig.Parts.Queues["telemetry"].Queue.CreateTailer("audit");
        ApiRig.Append(rig, "telemetry", 3);
        rig.Parts.Sinks.Pause(PauseReason.Disk, new EstreamStorageException("The disk is full.", path: null, StorageFailure.DiskFull),
            name => name == "telemetry");
        await Eventually.TrueAsync(async () => (await ApiRig.JsonAsync(client, "/api/queues")).GetProperty("queues").EnumerateArray()
            .Any(queue => queue.GetProperty("isPaused").GetBoolean()), "a sample shows the pause");

        JsonElement queue = await ApiRig.JsonAsync(client, "/api/queues/telemetry");

        Assert.Equal("telemetry", queue.GetProperty("name").GetString());
        Assert.Equal((0, 3), (queue.GetProperty("firstSequence").GetInt64(), queue.GetProperty("nextSequence").GetInt64()));
        Assert.True(queue.GetProperty("firstTime").GetInt64() > 0);
        Assert.True(queue.GetProperty("lastTime").GetInt64() >= queue.GetProperty("firstTime").GetInt64());
        Assert.Equal("""["IoTTelemetry"]""", queue.GetProperty("schemas").GetRawText());
        Assert.Equal("""["disk"]""", queue.GetProperty("pauseReasons").GetRawText());
        Assert.Equal("The disk is full.", queue.GetProperty("pauseDetail").GetString());
        Assert.Equal("""["adapter:devices"]""", queue.GetProperty("sources").GetRawText());
        Assert.Equal(90.0 * 86_400, queue.GetProperty("retention").GetProperty("maxAgeSeconds").GetDouble());
        Assert.Equal(Environment.ProcessId, queue.GetProperty("appenders")[0].GetProperty("pid").GetInt32());
        (string?, string?, long)[] readers =
        [
            .. queue.GetProperty("readers").EnumerateArray().Select(reader => (reader.GetProperty("kind").GetString(),
                reader.GetProperty("name").GetString(), reader.GetProperty("lagMessages").GetInt64())),
        ];
        Assert.Contains(("tailer", "audit", 3), readers);
        Assert.Contains(("map", "latest", 0), readers);
        Assert.True((await ApiRig.JsonAsync(client, "/api/queues/dead-letters")).GetProperty("isDeadLetters").GetBoolean());
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/api/queues/nothing")).StatusCode);
    }

    [Fact]
    public async Task A_partitioned_queue_is_described_with_the_sums_of_its_partitions()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next(),
            estream => estream["Queues"]!["orders"] = new JsonObject { ["Partitions"] = 2 });
        using HttpClient client = rig.Client;
        ApiRig.Append(rig, "orders.0000", 2);
        ApiRig.Append(rig, "orders.0001", 3);
        rig.Parts.Queues["orders.0000"].Queue.CreateTailer("group-desk").Dispose();
        rig.Parts.Queues["orders.0001"].Queue.CreateTailer("group-desk").Dispose();
        await Eventually.TrueAsync(async () =>
            (await ApiRig.JsonAsync(client, "/api/queues/orders")).GetProperty("messages").GetInt64() == 5, "a sample has the messages");

        JsonElement queue = await ApiRig.JsonAsync(client, "/api/queues/orders");

        Assert.Equal(2, queue.GetProperty("partitions").GetInt32());
        Assert.Equal(JsonValueKind.Null, queue.GetProperty("nextSequence").ValueKind);
        Assert.Equal("""[{"name":"desk","members":[],"lagMessages":5}]""", queue.GetProperty("groups").GetRawText());
        Assert.Equal(3, (await ApiRig.JsonAsync(client, "/api/queues/orders.0001")).GetProperty("nextSequence").GetInt64());
    }
}
