using System.Diagnostics;
using System.Globalization;
using Estream.Testing;
using Xunit.Abstractions;

namespace Estream.Replication.Tests.Faults;

/// <summary>Rounds of faults of brokers, networks, disks and clocks, while messages are appended all the time. Faults of hosts are in
/// FailoverTests.</summary>
[Collection(BrokerFaultCollection.Name)]
public sealed class BrokerFaultTests(ITestOutputHelper output) : IDisposable
{
    private const string Queue = "numbers";
    private const string SeedVariable = "ESTREAM_FAULT_SEED";
    private const int DefaultSeed = 34;
    private const int SlowBytesPerSecond = 256 << 10;
    private const int MessagesUnderFault = 2_000;

    // The faults of every day come first; other tests kill brokers every day.
    private static readonly Fault[] s_faults =
    [
        Fault.CutLeader, Fault.CutFollower, Fault.SlowDisk, Fault.FullDisk, Fault.EmptyNode,
        Fault.KillLeader, Fault.KillFollower, Fault.KillAll, Fault.ClockJump,
    ];

    private readonly TempDirectory _folder = new();
    private readonly ShiftedClock _clock = new();

    private enum Fault
    {
        CutLeader,
        CutFollower,
        SlowDisk,
        FullDisk,
        EmptyNode,
        KillLeader,
        KillFollower,
        KillAll,
        ClockJump,
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
        numbers.WaitForNext("start");

        // Beside other tests a broker can need minutes to come back, so the everyday run only starts the cluster and checks the copy.
        int rounds = LongRun.Count(0, 50);
        for (int round = 0; round < rounds; round++)
        {
            Run(s_faults[round % s_faults.Length], random, cluster, numbers);
        }

        output.WriteLine($"{await numbers.RequireAllAsync()} messages, all in order on the copy");
    }

    private void Run(Fault fault, Random random, FaultCluster cluster, ReplicatedNumbers numbers)
    {
        int leader = cluster.LeaderOf(Queue);
        int follower = (leader + random.Next(1, FaultCluster.Nodes)) % FaultCluster.Nodes;
        int any = random.Next(FaultCluster.Nodes);
        long start = Stopwatch.GetTimestamp();
        Inject(fault, random, cluster, (leader, follower, any));

        // A majority of the brokers is left, except after the death of all. A full disk may stop publishers until there is space.
        bool IsHeldUp() => fault == Fault.FullDisk && numbers.IsHeldUp;
        if (fault != Fault.KillAll)
        {
            numbers.WaitForNext($"{fault}", IsHeldUp);
        }

        TimeSpan during = Stopwatch.GetElapsedTime(start);
        if (fault != Fault.KillAll)
        {
            numbers.WaitForNext($"{fault}", IsHeldUp, MessagesUnderFault);
        }

        if (fault is Fault.CutLeader or Fault.CutFollower)
        {
            cluster.WaitUntilNoticed(fault == Fault.CutLeader ? follower : leader);
        }

        start = Stopwatch.GetTimestamp();
        Heal(fault, cluster, (leader, follower, any));
        cluster.WaitUntilReady(Queue);
        numbers.WaitForNext($"the end of {fault}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{fault,-12} leader {leader}: {during.TotalMilliseconds,7:0} ms to the first confirm under the fault, "
            + $"{Stopwatch.GetElapsedTime(start).TotalMilliseconds,7:0} ms after its end, {numbers.Acknowledged} messages"));
    }

    private void Inject(Fault fault, Random random, FaultCluster cluster, (int Leader, int Follower, int Any) nodes)
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
                int cut = fault == Fault.CutLeader ? nodes.Leader : nodes.Follower;
                Action<int> how = random.Next(2) == 0 ? cluster.Network.CutFromNodes : cluster.Network.CutFromAll;
                how(cut);
                break;
            case Fault.SlowDisk:
                cluster.Disk(nodes.Any).Slow(SlowBytesPerSecond);
                break;
            case Fault.FullDisk:
                cluster.Disk(nodes.Any).Fill();
                break;
            case Fault.EmptyNode:
                cluster.ReplaceByEmpty(nodes.Follower);

                // Without the other follower, a majority needs the node that was empty.
                cluster.Node(FaultCluster.Nodes - nodes.Leader - nodes.Follower).Kill();
                break;
            case Fault.ClockJump:
                _clock.Shift(TimeSpan.FromMinutes(random.Next(-10_000, 10_000)));
                break;
        }
    }

    private static void Heal(Fault fault, FaultCluster cluster, (int Leader, int Follower, int Any) nodes)
    {
        switch (fault)
        {
            case Fault.CutLeader or Fault.CutFollower:
                cluster.Network.Join(fault == Fault.CutLeader ? nodes.Leader : nodes.Follower);
                break;
            case Fault.SlowDisk or Fault.FullDisk:
                cluster.Disk(nodes.Any).Repair();
                break;
        }
    }
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class BrokerFaultCollection
{
    public const string Name = "broker faults";
}
