using Estream.Testing;
using Estream.Wire.Fhir.Subscriptions;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Log;

/// <summary>Goal: a server on another host, which has copies of the queues but no positions of readers, continues where the earlier server
/// was. Method: the positions are deleted while the server is stopped.</summary>
public sealed class TakeoverTests
{
    private const int Count = SubscriptionSender.MaxPending + 100;

    [Fact]
    public async Task A_takeover_repeats_no_projection_and_at_most_one_commit_of_notifications()
    {
        using ScriptedServer endpoint = new(_ => "");
        await using ServerRig rig = await ServerRig.StartAsync(options => options with
        {
            SubscriptionEndpoints = [endpoint.Url.AbsoluteUri], MaxBundleEntries = Count,
        });
        string subscription = await rig.CreateAsync("Subscription", $$$"""
            {"resourceType":"Subscription","status":"requested","reason":"test","criteria":"Observation",
             "channel":{"type":"rest-hook","endpoint":"{{{endpoint.Url.AbsoluteUri}}}","payload":"application/fhir+json"}}
            """);
        for (int sent = 0; sent < Count; sent += 100)
        {
            await StoreAsync(rig, 100);
            int expected = sent + 100;
            Eventually.True(() => endpoint.Requests.Distinct().Count() == expected, $"the endpoint has {expected} notifications");
        }

        await AwaitProjectionsAsync(rig, Count);
        int before = endpoint.Requests.Count;
        await TakeOverAsync(rig);
        await StoreAsync(rig, 1);
        Eventually.True(() => endpoint.Requests.Distinct().Count() == Count + 1, "the endpoint has the notification of the new server");
        await AwaitProjectionsAsync(rig, Count + 1);

        // The takeover may come before the answer to the last notification. Then all notifications of its commit are sent again.
        Assert.InRange(endpoint.Requests.Skip(before).Distinct().Count(), 1, 101);
        Assert.Equal("active", (await rig.SendAsync("GET", $"Subscription/{subscription}")).Root.GetProperty("status").GetString());
        Assert.Equal("W/\"1\"", (await rig.SendAsync("GET", $"Subscription/{subscription}")).ETag);
    }

    [Fact]
    public async Task A_takeover_continues_with_the_changes_that_the_earlier_server_did_not_finish()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        await StoreAsync(rig, 3);
        await AwaitProjectionsAsync(rig, 3);
        rig.Pause("Observation", new Core.EstreamStorageException("full", "Observation", Core.StorageFailure.DiskFull));
        await StoreAsync(rig, 4);
        await TakeOverAsync(rig);
        await AwaitProjectionsAsync(rig, 7);
    }

    [Fact]
    public async Task A_server_continues_at_the_position_that_an_earlier_version_stored()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        await StoreAsync(rig, 3);
        await AwaitProjectionsAsync(rig, 3);
        await rig.RestartAsync(folder =>
        {
            using (Estream.Queue.EstreamQueue log = Estream.Queue.EstreamQueue.Open(Path.Combine(folder, "fhir")))
            using (Estream.Queue.QueueTailer earlier = log.CreateTailer($"{rig.Name}.projection"))
            {
                while (earlier.TryRead(out _))
                {
                    earlier.Commit();
                }
            }

            DeletePositions(folder, "adapter-*");
            Directory.Delete(Path.Combine(folder, "Observation"), recursive: true);
        });
        await TakeOverAsync(rig);
        await StoreAsync(rig, 1);
        await AwaitProjectionsAsync(rig, 1);
    }

    [Fact]
    public async Task Commits_that_no_broker_has_are_neither_projected_nor_sent()
    {
        using ScriptedServer endpoint = new(_ => "");
        await using ServerRig rig = await ServerRig.StartReplicatedAsync(
            options => options with { SubscriptionEndpoints = [endpoint.Url.AbsoluteUri] });
        Task subscribed = rig.CreateAsync("Subscription", $$$"""
            {"resourceType":"Subscription","status":"requested","reason":"test","criteria":"Observation",
             "channel":{"type":"rest-hook","endpoint":"{{{endpoint.Url.AbsoluteUri}}}","payload":"application/fhir+json"}}
            """);
        Eventually.True(
            () =>
            {
                rig.Confirm();
                return subscribed.IsCompleted;
            },
            "the subscription is confirmed");
        await subscribed;
        int before = rig.ReadMessages("fhir").Count;
        Task stored = StoreAsync(rig, 1);
        Eventually.True(() => rig.ReadMessages("fhir").Count > before, "the commit is in the log");

        // Without the wait for the brokers, the projection would be stored within a few rounds.
        for (int round = 0; round < 25; round++)
        {
            await Task.Delay(20);
            Assert.Empty(rig.ReadMessages("Observation"));
            Assert.Empty(endpoint.Requests);
        }

        rig.Confirm();
        await stored;
        await AwaitProjectionsAsync(rig, 1);
        Eventually.True(() => !endpoint.Requests.IsEmpty, "the endpoint has the notification");
    }

    [Fact]
    public async Task Progress_stays_near_the_end_of_a_queue_that_others_fill()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        await StoreAsync(rig, 1);
        await AwaitProjectionsAsync(rig, 1);
        AwaitProgress();
        await rig.RestartAsync();
        AwaitProgress();

        void AwaitProgress()
        {
            for (int i = 0; i < 3; i++)
            {
                rig.Append("Observation", new byte[1 << 20]);
            }

            long end = rig.EndOf("Observation");
            Eventually.True(() => rig.EndOf("Observation") > end, "the queue has the progress again");
        }
    }

    [Fact]
    public async Task Clients_read_and_write_while_changes_cannot_be_projected()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        await StoreAsync(rig, 1);
        await AwaitProjectionsAsync(rig, 1);
        await rig.RestartAsync(folder =>
        {
            foreach (string cursor in Directory.GetFiles(folder, "adapter-*projection.Observation*", SearchOption.AllDirectories))
            {
                File.WriteAllBytes(cursor, new byte[4_096]);
            }
        });
        Eventually.True(
            () => rig.Server.Health.Detail.Contains("not projected", StringComparison.Ordinal), "the health says what is wrong");
        await StoreAsync(rig, 1);
        Assert.Equal(2, (await rig.SendAsync("GET", "Observation")).Ids.Count);
        DeletePositions(rig.Folder, "*projection.Observation*");
        await AwaitProjectionsAsync(rig, 2);
        Eventually.True(() => rig.Server.Health.State == HealthState.Healthy, "the changes are projected again");
    }

    private static Task TakeOverAsync(ServerRig rig) => rig.RestartAsync(folder => DeletePositions(folder, "*"));

    private static void DeletePositions(string folder, string pattern)
    {
        foreach (string cursors in Directory.GetDirectories(folder, "tailers", SearchOption.AllDirectories))
        {
            Array.ForEach(Directory.GetFiles(cursors, pattern), File.Delete);
        }
    }

    private static async Task StoreAsync(ServerRig rig, int count)
    {
        const string Entry = """
            {"resource":{"resourceType":"Observation","status":"final","code":{"text":"c"},"subject":{"reference":"Patient/p"}},
             "request":{"method":"POST","url":"Observation"}}
            """;
        Answer answer = await rig.SendAsync("POST", "",
            $"{{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[{string.Join(',', Enumerable.Repeat(Entry, count))}]}}");
        Assert.True(answer.Status == 200, answer.Body);
    }

    /// <summary>Waits until the queue has the projections of a number of resources, and checks that each projection occurs once.</summary>
    private static async Task AwaitProjectionsAsync(ServerRig rig, int count)
    {
        await Eventually.TrueAsync(
            () => Task.FromResult(
                rig.ReadMessages("Observation").Count >= count && rig.ReadQueue("Observation").Distinct().Count() == count),
            $"the queue has {count} projections");
        Assert.Equal(count, rig.ReadMessages("Observation").Count);
    }
}
