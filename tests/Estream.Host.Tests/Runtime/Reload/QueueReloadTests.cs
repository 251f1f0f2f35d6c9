using System.Text.Json.Nodes;
using Estream.Client;
using Estream.Host.Runtime;
using Estream.Host.Tests.Process;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Host.Tests.Runtime.Reload;

/// <summary>Goal: queues close when they are removed from the configuration, and take new limits while they are open.</summary>
[Collection(ProcessCollection.Name)]
public sealed class QueueReloadTests
{
    [Fact]
    public async Task A_removed_queue_ends_its_subscriptions_and_keeps_its_files()
    {
        int port = FreePort.Next();
        await using ReloadRig rig = await ReloadRig.StartAsync(port, estream => estream["Queues"]!["orders"] = new JsonObject());
        await using EstreamClient client = await rig.ConnectAsync();
        await client.Queue("orders").AppendAsync("an order"u8.ToArray());
        await using MessageSubscription ended = await client.Queue("orders").SubscribeAsync();
        await using MessageSubscription kept = await client.Queue("telemetry").SubscribeAsync();
        await using IAsyncEnumerator<RemoteMessage> orders = ended.GetAsyncEnumerator(), telemetry = kept.GetAsyncEnumerator();
        Assert.True(await orders.MoveNextAsync());
        rig.Change(estream => estream["Queues"]!.AsObject().Remove("orders"));

        ReloadChange change = Assert.Single((await rig.ReloadAsync()).Changes);

        Assert.Equal("queue orders removed", change.ToString());
        string files = Path.Combine(rig.Data, "queues", "orders");
        Assert.Equal($"The files stay in '{files}'.", change.Detail);
        EstreamClientException gone = await Assert.ThrowsAsync<EstreamClientException>(async () => await orders.MoveNextAsync());
        Assert.Equal(ClientStatus.NotFound, gone.Status);
        Assert.Contains("was removed", gone.Message, StringComparison.Ordinal);
        EstreamClientException unknown = await Assert.ThrowsAsync<EstreamClientException>(
            () => client.Queue("orders").AppendAsync("an order"u8.ToArray()));
        Assert.Equal(ClientStatus.NotFound, unknown.Status);
        Assert.DoesNotContain("orders", rig.View.Overview.Queues.Select(queue => queue.Name));

        // No process has the queue open any more, and the other subscription continues.
        using (EstreamQueue queue = EstreamQueue.Open(files))
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            Assert.Equal(1, queue.GetInfo().MessageCount);
        }

        await using AcknowledgedLoad load = new(port, "d", devices: 2, maxMessages: 4);
        await load.Completion;
        Assert.True(await telemetry.MoveNextAsync());

        rig.Change(estream => estream["Queues"]!["orders"] = new JsonObject());
        Assert.Equal(ReloadStatus.Applied, (await rig.ReloadAsync()).Status);
        Assert.Equal(1, (await client.Queue("orders").GetInfoAsync()).NextSequence);
        await client.Queue("orders").AppendAsync("another order"u8.ToArray());
    }

    [Fact]
    public async Task A_queue_that_is_still_used_is_not_removed()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        rig.Change(estream => estream["Queues"]!.AsObject().Remove("telemetry"));

        ReloadReport report = await rig.ReloadAsync();

        Assert.Equal(ReloadStatus.Refused, report.Status);
        Assert.Contains("telemetry", Assert.Single(report.Errors), StringComparison.Ordinal);
        Assert.True(rig.Parts.Queues.ContainsKey("telemetry"));
    }

    [Fact]
    public async Task Limits_of_an_open_queue_change()
    {
        int port = FreePort.Next();
        await using ReloadRig rig = await ReloadRig.StartAsync(port);
        await using (AcknowledgedLoad load = new(port, "d", devices: 2, maxMessages: 3_000))
        {
            await load.Completion;
        }

        EstreamQueue queue = rig.Parts.Queues["telemetry"].Queue;
        Assert.Equal(0, queue.GetInfo().FirstSequence);
        rig.Change(estream =>
        {
            estream["Queues"]!["telemetry"]!["RetainedBytes"] = 65_536;
            estream["Queues"]!["telemetry"]!["RetainedAge"] = "2h";
            estream["Queues"]!["telemetry"]!["Durability"] = "GroupCommit";
        });

        ReloadReport report = await rig.ReloadAsync();

        Assert.Equal(
            "Durability: PageCache becomes GroupCommit. RetainedAge: 2160 h becomes 2 h. RetainedBytes: 0 becomes 65536.",
            Assert.Single(report.Changes).Detail);
        Assert.Equal(65_536, queue.GetInfo().Retention.RetainedBytes);
        Assert.Equal(TimeSpan.FromHours(2), queue.GetInfo().Retention.RetainedAge);
        Assert.Equal(Durability.GroupCommit(), queue.IngressDurability);
        Assert.Equal("GroupCommit", rig.View.Overview.Queues.Single(one => one.Name == "telemetry").Durability);
        await using AcknowledgedLoad more = new(port, "e", devices: 2, maxMessages: 3_000);
        await more.Completion;
        Assert.True(queue.GetInfo().FirstSequence > 0, "the limit deletes old segments");
    }

    [Fact]
    public async Task Queues_get_the_durability_that_a_new_adapter_needs()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        rig.Change(estream =>
        {
            estream["Queues"]!["results"] = new JsonObject();
            estream["Adapters"]!["hospital"] = new JsonObject
            {
                ["Type"] = "hl7-listener",
                ["Port"] = FreePort.Next(),
                ["Mappings"] = new JsonArray(new JsonObject { ["Schema"] = "Hl7Header", ["Queue"] = "results" }),
            };
        });

        ReloadReport report = await rig.ReloadAsync();

        Assert.Empty(report.Errors);
        Assert.Empty(report.Restarts);
        Assert.Equal(
            ["queue dead-letters changed", "queue results added", "adapter hospital added"],
            report.Changes.Select(change => change.ToString()));
        Assert.Equal(Durability.GroupCommit(), rig.Parts.Queues["dead-letters"].Queue.IngressDurability);
        Assert.Equal(Durability.GroupCommit(), rig.Parts.Queues["results"].Queue.IngressDurability);
        Eventually.True(() => rig.View.Health.Status == "ready", "the host is ready");
    }
}
