using System.Diagnostics;
using System.Globalization;
using Estream.Replication.Tests.Failover;
using Estream.Testing;
using Xunit.Abstractions;

namespace Estream.Replication.Tests.Faults;

/// <summary>Runs rounds of faults of brokers, networks, disks, clocks and hosts, while messages are appended continuously.</summary>
[Collection(BrokerFaultCollection.Name)]
public sealed class BrokerFaultTests(ITestOutputHelper output) : IDisposable
{
    private const string Queue = "numbers";
    private const string SeedVariable = "ESTREAM_FAULT_SEED";
    private const int DefaultSeed = 34;
    private const int SlowBytesPerSecond = 256 << 10;
    private const int MessagesUnderFault = 2_000;

    // These faults require no broker to restart. While other tests run, a start can take minutes.
    private static readonly Fault[] s_everyday =
        [Fault.SuspendHost, Fault.CutFollowerOneWay, Fault.SlowDisk, Fault.ClockJump, Fault.CutFollower];

    private readonly TempDirectory _folder = new();
    private readonly ShiftedClock _clock = new();

    private enum Fault
    {
        CutLeader,
        CutLeaderOneWay,
        CutFollower,
        CutFollowerOneWay,
        SlowDisk,
        FullDisk,
        EmptyNode,
        KillLeader,
        KillFollower,
        KillAll,
        ClockJump,
        SuspendHost,
    }

    public void Dispose() => _folder.Dispose();

    [BrokerFaultFact]
    public async Task Nothing_acknowledged_is_lost_doubled_or_reordered_in_rounds_of_faults()
    {
        int seed = Environment.GetEnvironmentVariable(SeedVariable) is { } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : DefaultSeed;
        output.WriteLine($"{SeedVariable}={seed}");
        Random random = new(seed);
        using FaultCluster cluster = new(_folder);
        await using ReplicatedNumbers numbers = new(cluster.Cluster, Queue, _folder, _clock);
        numbers.WaitForNext("start", new RoundLimit());
        int rounds = LongRun.Count(s_everyday.Length, 50);
        foreach (Fault fault in Faults(random).Take(rounds))
        {
            await RunAsync(fault, random, cluster, numbers);
        }

        output.WriteLine($"{await numbers.RequireAllAsync(new RoundLimit())} messages, all in order on the copy");
    }

    /// <summary>Returns an endless sequence of rounds, each with all faults in a random order.</summary>
    private static IEnumerable<Fault> Faults(Random random)
    {
        Fault[] faults = LongRun.IsOn ? Enum.GetValues<Fault>() : [.. s_everyday];
        while (true)
        {
            random.Shuffle(faults);
            foreach (Fault fault in faults)
            {
                yield return fault;
            }
        }
    }

    private async Task RunAsync(Fault fault, Random random, FaultCluster cluster, ReplicatedNumbers numbers)
    {
        RoundLimit limit = new();
        int leader = cluster.LeaderOf(Queue, limit);
        int follower = (leader + random.Next(1, FaultCluster.Nodes)) % FaultCluster.Nodes;
        FaultyNodes nodes = new(leader, follower, Any: random.Next(FaultCluster.Nodes));
        long start = Stopwatch.GetTimestamp();
        if (fault == Fault.SuspendHost)
        {
            await SuspendHostAsync(cluster);
        }
        else
        {
            Inject(fault, random, cluster, nodes, limit);
        }

        // A majority of the brokers is left, except after the death of all. A full disk may stop publishers until there is space.
        bool IsHeldUp() => fault == Fault.FullDisk && numbers.IsHeldUp;
        if (fault != Fault.KillAll)
        {
            numbers.WaitForNext($"{fault}", limit, IsHeldUp);
        }

        TimeSpan during = Stopwatch.GetElapsedTime(start);
        if (fault != Fault.KillAll)
        {
            numbers.WaitForNext($"{fault}", limit, IsHeldUp, MessagesUnderFault);
        }

        if (CutNodeOf(fault, nodes) is { } cut)
        {
            cluster.WaitUntilNoticed(cut == leader ? follower : leader, limit);
        }

        start = Stopwatch.GetTimestamp();
        Heal(fault, cluster, nodes);
        cluster.WaitUntilReady(Queue, limit);
        numbers.WaitForNext($"the end of {fault}", limit);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{fault,-17} leader {leader}: {during.TotalMilliseconds,7:0} ms to the first confirm under the fault, "
            + $"{Stopwatch.GetElapsedTime(start).TotalMilliseconds,7:0} ms after its end, {numbers.Acknowledged} messages"));
    }

    /// <summary>Starts two hosts that use the brokers, and suspends and continues the active host.</summary>
    private async Task SuspendHostAsync(FaultCluster cluster)
    {
        using TempDirectory folder = new();
        using HostPair pair = new(cluster.Cluster with { Name = $"hosts{Path.GetFileName(folder.Path)}" }, folder);
        TimeSpan takeover = await SuspendedHost.RunAsync(pair);
        output.WriteLine($"takeover after SIGSTOP: {takeover.TotalMilliseconds:0} ms until the standby is ready");
    }

    private void Inject(Fault fault, Random random, FaultCluster cluster, FaultyNodes nodes, RoundLimit limit)
    {
        switch (fault)
        {
            case Fault.KillLeader:
                cluster.Node(nodes.Leader).Kill();
                break;
            case Fault.KillFollower:
                cluster.Node(nodes.Follower).Kill();
                break;
            case Fault.KillAll:
                for (int node = 0; node < FaultCluster.Nodes; node++)
                {
                    cluster.Node(node).Kill();
                }

                break;
            case Fault.CutLeader or Fault.CutFollower:
                Cut(random, cluster.Network.CutFromNodes, cluster.Network.CutFromAll, CutNodeOf(fault, nodes)!.Value);
                break;
            case Fault.CutLeaderOneWay or Fault.CutFollowerOneWay:
                Cut(random, cluster.Network.CutToNodes, cluster.Network.CutNodesTo, CutNodeOf(fault, nodes)!.Value);
                break;
            case Fault.SlowDisk:
                cluster.Disk(nodes.Any).Slow(SlowBytesPerSecond);
                break;
            case Fault.FullDisk:
                cluster.Disk(nodes.Any).Fill();
                break;
            case Fault.EmptyNode:
                cluster.ReplaceByEmpty(nodes.Follower, limit);
                cluster.WaitUntilReady(Queue, limit);

                // Without the other follower, a majority needs the node that was empty.
                cluster.Node(FaultCluster.Nodes - nodes.Leader - nodes.Follower).Kill();
                break;
            case Fault.ClockJump:
                _clock.Shift(TimeSpan.FromMinutes(random.Next(-10_000, 10_000)));
                break;
        }
    }

    private static void Cut(Random random, Action<int> one, Action<int> other, int node) => (random.Next(2) == 0 ? one : other)(node);

    private static int? CutNodeOf(Fault fault, FaultyNodes nodes) => fault switch
    {
        Fault.CutLeader or Fault.CutLeaderOneWay => nodes.Leader,
        Fault.CutFollower or Fault.CutFollowerOneWay => nodes.Follower,
        _ => null,
    };

    private static void Heal(Fault fault, FaultCluster cluster, FaultyNodes nodes)
    {
        if (CutNodeOf(fault, nodes) is { } cut)
        {
            cluster.Network.Join(cut);
        }
        else if (fault is Fault.SlowDisk or Fault.FullDisk)
        {
            cluster.Disk(nodes.Any).Repair();
        }
    }

    /// <summary>The nodes that a fault may hit.</summary>
    private readonly record struct FaultyNodes(int Leader, int Follower, int Any);
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class BrokerFaultCollection
{
    public const string Name = "broker faults";
}
