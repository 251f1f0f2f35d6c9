using System.Globalization;
using System.Text;
using Estream.Client;
using Estream.Queue;
using Estream.Replication.Tests.Brokers;
using Estream.Testing;

namespace Estream.Replication.Tests.Failover;

/// <summary>Goal: hosts replicate all partitions of a queue by the name of the queue, and a standby host takes all of them
/// over.</summary>
[Collection(BrokerCollection.Name)]
public sealed class PartitionHostTests : IDisposable
{
    private const int Messages = 20;
    private const string Settings = """{ "Partitions": 2, "SegmentBytes": 1048576, "Durability": "Quorum" }""";

    private readonly TempDirectory _folder = new();
    private readonly List<HostProcess> _hosts = [];
    private readonly ReplicationCluster _cluster;

    public PartitionHostTests(BrokerCluster brokers) => _cluster = brokers.NewCluster();

    public void Dispose()
    {
        _hosts.ForEach(host => host.Dispose());
        _folder.Dispose();
    }

    [Fact]
    public async Task A_follower_has_a_partitioned_queue_with_the_messages_of_its_owner()
    {
        _ = Start("owner", $"\"Queues\": {{ \"trades\": {Settings} }},", "\"Publish\": [\"trades\"]").WaitUntilReady();
        _ = Start("follower", "", "\"Follow\": [\"trades\"], \"Partitions\": { \"trades\": 2 }").WaitUntilReady();
        await AppendAsync("owner", first: 0);

        Eventually.True(() => Read("follower").SequenceEqual(Read("owner")), "the follower has all messages");
        Assert.Equal(Messages, Read("follower").Count);
    }

    [Fact]
    public async Task A_standby_host_takes_over_all_partitions()
    {
        HostProcess active = Start("a", $"\"Queues\": {{ \"trades\": {Settings} }},", "\"Role\": \"auto\", \"Publish\": [\"trades\"]");
        _ = active.WaitUntilReady();
        HostProcess standby = Start("b", $"\"Queues\": {{ \"trades\": {Settings} }},", "\"Role\": \"auto\", \"Publish\": [\"trades\"]");
        HostPair.WaitUntilFollowing(standby);
        await AppendAsync("a", first: 0);
        List<string> acknowledged = Read("a");

        active.Kill();
        _ = standby.WaitUntilReady();
        await AppendAsync("b", first: Messages);

        List<string> after = Read("b");
        Assert.Equal(2 * Messages, after.Count);
        Assert.All(acknowledged, message => Assert.Contains(message, after));
    }

    [Fact]
    public async Task A_group_with_an_output_continues_on_the_host_that_takes_over()
    {
        const string Queues = $$"""
            "Queues": { "trades": {{Settings}}, "booked": { "SegmentBytes": 1048576, "Durability": "Quorum" } },
            """;
        const string Replication = "\"Role\": \"auto\", \"Publish\": [\"trades\", \"booked\"]";
        HostProcess active = Start("a", Queues, Replication).WaitUntilReady();
        HostProcess standby = Start("b", Queues, Replication);
        HostPair.WaitUntilFollowing(standby);
        await AppendAsync("a", first: 0);
        await BookAsync("a", Messages);

        active.Kill();
        _ = standby.WaitUntilReady();
        await AppendAsync("b", first: Messages);
        await BookAsync("b", Messages);

        await using EstreamClient client = await ConnectAsync("b");
        Assert.Equal(2 * Messages, (await client.Queue("booked").GetInfoAsync()).NextSequence);
        await using MessageSubscription results = await client.Queue("booked").SubscribeAsync();
        await using IAsyncEnumerator<RemoteMessage> each = results.GetAsyncEnumerator();
        List<int> booked = [];
        while (booked.Count < 2 * Messages && await each.MoveNextAsync())
        {
            booked.Add(int.Parse(Encoding.UTF8.GetString(each.Current.Payload.Span), CultureInfo.InvariantCulture));
        }

        Assert.Equal(Enumerable.Range(0, 2 * Messages), booked.Order());
    }

    [Fact]
    public async Task A_group_with_an_output_gets_only_messages_that_the_brokers_have()
    {
        const string Queues = $$"""
            "Queues": { "trades": {{Settings}}, "booked": { "SegmentBytes": 1048576, "Durability": "Quorum" } },
            """;
        int brokerPort = FreePort.Next();
        _ = Start("a", Queues, "\"Publish\": [\"trades\", \"booked\"]", brokerPort).WaitUntilDegraded();
        await using EstreamClient client = await ConnectAsync("a");
        RemotePartitionedQueue trades = client.PartitionedQueue("trades");
        await using RemoteGroupMember booking = await trades.JoinGroupAsync("booking", new GroupOptions { Output = "booked" });
        Task<GroupBatch> next = booking.NextAsync();

        // A connection with an append that is not confirmed does no other requests.
        await using EstreamClient writer = await ConnectAsync("a");
        RemotePartitionedAppender appender = await writer.PartitionedQueue("trades").CreateAppenderAsync();
        await appender.AppendAsync("key"u8.ToArray(), "1"u8.ToArray());

        // A group without an output gets the message before the brokers have it.
        await using (RemoteGroupMember reading = await trades.JoinGroupAsync("reading"))
        {
            Assert.True(await (await reading.NextAsync().WaitAsync(ChildProcess.DefaultLimit)).DoneAsync());
        }

        Assert.False(next.IsCompleted);
        using PortForward forward = new(brokerPort, _cluster.Brokers[0].Port);
        GroupBatch batch = await next.WaitAsync(ChildProcess.DefaultLimit);
        Assert.True(await batch.DoneAsync([.. batch.Messages.Select(message => message.Payload)]));
        await appender.FlushAsync();
    }

    // Stores each message as its result, until there are enough results.
    private async Task BookAsync(string host, int count)
    {
        await using EstreamClient client = await ConnectAsync(host);
        await using RemoteGroupMember member = await client.PartitionedQueue("trades").JoinGroupAsync(
            "booking", new GroupOptions { Output = "booked" });
        while (count > 0)
        {
            GroupBatch batch = await member.NextAsync();
            Assert.True(await batch.DoneAsync([.. batch.Messages.Select(message => message.Payload)]));
            count -= batch.Messages.Count;
        }
    }

    private Task<EstreamClient> ConnectAsync(string host) =>
        EstreamClient.ConnectAsync(new Uri("unix:" + _folder.Combine(host, "run", "client.sock")));

    private HostProcess Start(string name, string queues, string replication, int brokerPort = 0)
    {
        string config = _folder.Combine($"{name}.json");
        string brokers = brokerPort != 0 ? $"\"127.0.0.1:{brokerPort}\""
            : string.Join(", ", _cluster.Brokers.Select(broker => $"\"{broker.Host}:{broker.Port}\""));
        File.WriteAllText(config, $$"""
            {
              "Estream": {
                {{queues}}
                "Replication": { "Cluster": "{{_cluster.Name}}", "Brokers": [{{brokers}}], {{replication}} }
              }
            }
            """);
        HostProcess host = HostProcess.Start(_folder.Combine(name), configFile: config);
        _hosts.Add(host);
        return host;
    }

    private async Task AppendAsync(string host, int first)
    {
        await using EstreamClient client = await ConnectAsync(host);
        await using RemotePartitionedAppender appender = await client.PartitionedQueue("trades").CreateAppenderAsync();
        for (int i = first; i < first + Messages; i++)
        {
            await appender.AppendAsync(Encoding.UTF8.GetBytes($"key {i}"), Encoding.UTF8.GetBytes($"{i}"));
        }

        await appender.FlushAsync();
    }

    /// <summary>The messages on a host, each with its partition and position.</summary>
    private List<string> Read(string host)
    {
        List<string> read = [];
        using PartitionedQueue queue = PartitionedQueue.OpenReadOnly(_folder.Combine(host, "queues", "trades"));
        for (int partition = 0; partition < queue.PartitionCount; partition++)
        {
            if (!Directory.Exists(queue.DirectoryOf(partition)))
            {
                continue;
            }

            using EstreamQueue log = EstreamQueue.OpenReadOnly(queue.DirectoryOf(partition));
            using QueueTailer tailer = log.CreateTailer();
            while (tailer.TryRead(out QueueMessage message))
            {
                read.Add($"{partition}@{message.Position} {Encoding.UTF8.GetString(message.Payload)}");
            }
        }

        return read;
    }
}
