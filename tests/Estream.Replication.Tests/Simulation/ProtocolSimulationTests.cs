using Estream.Queue;
using Estream.Replication.Tests.Queues;
using Estream.Testing;

namespace Estream.Replication.Tests.Simulation;

/// <summary>Three hosts and a stream, driven by a seed: appends, crashes, takeovers, lost sessions, duplicates, late entries of owners that
/// were fenced.</summary>
public sealed class ProtocolSimulationTests
{
    private const int Steps = 400;
    private const int MaxRounds = 20_000;

    [Fact]
    public void No_acknowledged_message_is_lost_or_doubled_for_any_seed()
    {
        string? replay = Environment.GetEnvironmentVariable("ESTREAM_SIM_SEED");
        int seeds = replay is null ? LongRun.Count(60, 10_000) : 1;
        for (int seed = replay is null ? 0 : int.Parse(replay, null); seeds > 0; seed++, seeds--)
        {
            try
            {
                Run(seed);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Seed {seed} fails. Replay with ESTREAM_SIM_SEED={seed}.", failure);
            }
        }
    }

    private static void Run(int seed)
    {
        using TempDirectory folder = new();
        Random random = new(seed);
        SimulatedStream stream = new();
        SimulatedNode[] nodes =
            [.. Enumerable.Range(0, 3).Select(i => new SimulatedNode(folder.Combine($"node{i}"), stream, random))];
        List<long> acknowledged = [];
        long number = 0;
        nodes[0].Own();
        nodes[1].Follow();
        nodes[2].Follow();
        for (int step = 0; step < Steps; step++)
        {
            // A message names the host that appended it.
            int node = random.Next(nodes.Length);
            Step(random, stream, nodes[node], () => (++number * nodes.Length) + node, acknowledged);
        }

        Settle(stream, nodes, acknowledged);

        // A follower that was the owner may have frames that no other host knows. It learns this from the next message.
        nodes[0].Append(() => ++number * nodes.Length);
        Settle(stream, nodes, acknowledged, restart: false);

        // The brokers lose some entries, or all. The owner has all of them.
        stream.LoseEnd(random.Next(3) == 0 ? stream.Count : random.Next(1, stream.Count));
        foreach (SimulatedNode node in nodes)
        {
            node.Reconnect();
        }

        Settle(stream, nodes, acknowledged, restart: false);
        nodes[0].Append(() => ++number * nodes.Length);
        Settle(stream, nodes, acknowledged, restart: false);
        RequireAll(nodes, acknowledged);
    }

    private static void Step(Random random, SimulatedStream stream, SimulatedNode node, Func<long> next, List<long> acknowledged)
    {
        switch (random.Next(100))
        {
            case < 20 when node.IsOwner:
                node.Append(next);
                break;
            case < 50 when node.IsOwner:
                node.Send();
                break;
            case < 65:
                stream.Deliver(random);
                break;
            case < 90:
                for (int i = random.Next(1, 6); i > 0 && node.Read(acknowledged); i--)
                {
                }

                break;
            case < 93:
                stream.Lose(random);
                break;
            case < 95 when node.IsOwner:
                node.Reconnect();
                break;
            case < 97:
                node.Follow();
                break;

            // A follower that knows the queue may take over at any time, also while another host is active.
            case >= 98 when !node.IsOwner && node.Offset >= 0:
                node.Own();
                break;
        }
    }

    // The network heals, one host owns the queue, and everything is delivered.
    private static void Settle(SimulatedStream stream, SimulatedNode[] nodes, List<long> acknowledged, bool restart = true)
    {
        stream.DeliverAll();
        foreach (SimulatedNode node in restart ? nodes : [])
        {
            node.Follow();
            while (node.Read(acknowledged))
            {
            }
        }

        if (restart)
        {
            nodes[0].Own();
        }

        for ((int idle, int round) = (0, 0); idle < 3; round++)
        {
            Assert.True(round < MaxRounds, $"The stream does not settle: {string.Join("; ", nodes.Select(node => node.State))}.");
            nodes[0].Send();
            stream.DeliverAll();
            bool[] hasRead = [.. nodes.Select(node => node.Read(acknowledged))];
            idle = !hasRead.Contains(true) && nodes[0].IsOwner && !nodes[0].IsAwaiting ? idle + 1 : 0;
            if (nodes[0].IsOwner && nodes[0].IsAwaiting)
            {
                nodes[0].Reconnect();
            }
            else if (!nodes[0].IsOwner && !nodes[0].Read(acknowledged))
            {
                nodes[0].Own();
            }
        }
    }

    private static void RequireAll(SimulatedNode[] nodes, List<long> acknowledged)
    {
        foreach (SimulatedNode node in nodes)
        {
            node.Stop();
        }

        _ = LogFiles.RequireEqual(nodes[0].Directory, nodes[1].Directory);
        _ = LogFiles.RequireEqual(nodes[0].Directory, nodes[2].Directory);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(nodes[2].Directory);
        using QueueTailer tailer = queue.CreateTailer();
        List<long> found = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            found.Add(BitConverter.ToInt64(message.Payload));
        }

        Assert.Equal(found.Count, found.Distinct().Count());
        Assert.Empty(acknowledged.Except(found));
        foreach (IGrouping<long, long> ofNode in found.GroupBy(message => message % nodes.Length))
        {
            Assert.Equal(ofNode.Order(), ofNode);
        }
    }
}
