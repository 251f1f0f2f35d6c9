using System.Diagnostics;
using System.Security.Cryptography;
using Estream.Replication.Tests.Brokers;
using Estream.Testing;

namespace Estream.Replication.Tests.Faults;

/// <summary>Three RabbitMQ nodes, each with its own network and its own small disk.</summary>
internal sealed class FaultCluster : IDisposable
{
    public const int Nodes = 3;

    private const int EpmdPort = 4369;

    // A node notices in four to six seconds that another node is silent. RabbitMQ stops all publishers when a disk has less free space than
    // its limit, so the limit is low.
    private const string ErlangArguments = "-kernel net_ticktime 6";
    private const string User = "hosts";
    private const string Settings = $"""
        loopback_users = none
        default_user = {User}
        default_pass = {User}
        disk_free_limit.absolute = 2MB
        """;

    // False if the log of the coordinator has failed too often, for example on a full disk. RabbitMQ then does not restart the log.
    private const string LogExpression = "is_pid(whereis(ra_coordination_log_sup)).";

    // Asks the coordinator server of the node itself, because a node may be a member without a running server.
    private const string MembersExpression =
        "case ra:members({rabbit_stream_coordinator, node()}, 5000) of {ok, Members, _} -> Members; Other -> {none, Other} end.";

    // Fifty rounds store about 300 MB on each disk. A disk that they fill stops all publishers, as RabbitMQ does when space is low.
    private static readonly long s_diskBytes = (long)LongRun.Count(128, 1_024) << 20;

    // A coordinator server that does not run after this time does not start by itself.
    private static readonly TimeSpan s_startTime = TimeSpan.FromMinutes(1);

    private readonly List<ChildProcess> _names = [];
    private readonly List<LoopDisk> _disks = [];
    private readonly List<BrokerNode> _nodes = [];

    public FaultCluster(TempDirectory folder)
    {
        Assert.True(BrokerNode.IsInstalled, "rabbitmq-server is missing: apt-get install rabbitmq-server");
        Network = new NodeNetwork(Nodes);
        try
        {
            for (int i = 0; i < Nodes; i++)
            {
                AddNode(folder, i);
            }

            string cookie = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
            _nodes.ForEach(node => node.Configure(_nodes, cookie, tlsFiles: null));
            BrokerCluster.Start(_nodes);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public NodeNetwork Network { get; }

    public ReplicationCluster Cluster => new()
    {
        Name = "faults",
        Brokers = [.. _nodes.Select(node => node.EndPoint)],
        AllowPlaintext = true,
        User = User,
        Password = User,
    };

    public BrokerNode Node(int node) => _nodes[node];

    public LoopDisk Disk(int node) => _disks[node];

    /// <summary>Returns the node that leads the stream of a queue.</summary>
    public int LeaderOf(string queue, RoundLimit limit)
    {
        string name = $"estream.{Cluster.Name}.{queue}";
        int leader = -1;
        Eventually.True(
            () =>
            {
                string? line = _nodes[0].TryControl("rabbitmqctl", "list_queues", "name", "leader").Split('\n')
                    .FirstOrDefault(line => line.StartsWith(name + "\t", StringComparison.Ordinal));
                leader = line is null ? -1 : _nodes.FindIndex(node => line.TrimEnd().EndsWith(node.Name, StringComparison.Ordinal));
                return leader >= 0;
            },
            "the stream has a leader",
            limit.Left);
        return leader;
    }

    /// <summary>Starts all nodes that do not run, and waits until all nodes accept clients and are members of the stream of a queue and of
    /// the group that elects its leader. Before that, the next fault would be a second one at the same time.</summary>
    public void WaitUntilReady(string queue, RoundLimit limit)
    {
        // Starts all nodes before it waits: a node that was not the last to end waits for the others when it starts.
        _nodes.ForEach(StartIfEnded);
        _nodes.ForEach(node => StartUntilReady(node, limit));
        string name = $"estream.{Cluster.Name}.{queue}\t";
        string online = "";
        string members = "";
        Dictionary<BrokerNode, long> missing = [];
        bool IsWhole()
        {
            online = _nodes[0].TryControl("rabbitmqctl", "list_queues", "name", "online").Split('\n')
                .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) ?? "";
            return _nodes.TrueForAll(node =>
            {
                members = MembersSeenBy(node);
                if (!members.Contains("noproc", StringComparison.Ordinal))
                {
                    _ = missing.Remove(node);
                }
                else if (!missing.TryAdd(node, Stopwatch.GetTimestamp()) && Stopwatch.GetElapsedTime(missing[node]) > s_startTime)
                {
                    missing[node] = Stopwatch.GetTimestamp();
                    Mend(node, limit);
                }

                return online.Contains(node.Name, StringComparison.Ordinal)
                    && _nodes.TrueForAll(one => members.Contains(one.Name, StringComparison.Ordinal));
            });
        }

        try
        {
            Eventually.True(IsWhole, "all nodes are members again", limit.Left);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"Not all nodes are members again. Online: {online}; members of the coordinator: {members}");
        }
    }

    // A broker whose disk was full may end shortly after the disk has space again.
    private static void StartUntilReady(BrokerNode node, RoundLimit limit) => Eventually.True(
        () =>
        {
            StartIfEnded(node);
            return node.Answers();
        },
        $"{node.Name} answers",
        limit.Left);

    private static void StartIfEnded(BrokerNode node)
    {
        if (!node.IsRunning)
        {
            node.Start();
        }
    }

    /// <summary>Waits until a node has noticed that another node is cut off.</summary>
    public void WaitUntilNoticed(int node, RoundLimit limit) => Eventually.True(
        () => _nodes[node].TryControl("rabbitmqctl", "eval", "length(nodes()).").Trim() == $"{Nodes - 2}",
        $"node {node} sees {Nodes - 2} other node",
        limit.Left);

    /// <summary>Replaces a node by an empty one with the same name, as an operator does after a disk was lost.</summary>
    public void ReplaceByEmpty(int node, RoundLimit limit)
    {
        _nodes[node].Kill();
        _disks[node].Erase();
        BrokerNode other = _nodes[(node + 1) % Nodes];
        _ = other.Control("rabbitmqctl", "forget_cluster_node", _nodes[node].Name);

        // The stream coordinator forgets the node up to 30 s later. If the node joined earlier, it would remain a member without a
        // server.
        Eventually.True(
            () => MembersSeenBy(other) is var members && members.Contains(other.Name, StringComparison.Ordinal)
                && !members.Contains(_nodes[node].Name, StringComparison.Ordinal),
            "the lost node is forgotten", limit.Left);
        _nodes[node].Start();
        _nodes[node].WaitUntilReady(limit.Left);
        if (_nodes[node].Control("rabbitmqctl", "eval", "length(rabbit_mnesia:cluster_nodes(all)).").Trim() == $"{Nodes}")
        {
            return;
        }

        // The node found no other node when it started, and has started a new cluster.
        _ = _nodes[node].Control("rabbitmqctl", "stop_app");
        _ = _nodes[node].Control("rabbitmqctl", "reset");
        _ = _nodes[node].Control("rabbitmqctl", "join_cluster", other.Name);
        _ = _nodes[node].Control("rabbitmqctl", "start_app");
        _nodes[node].WaitUntilReady(limit.Left);
    }

    public void Dispose()
    {
        _nodes.ForEach(node => node.Dispose());
        _names.ForEach(names => names.Dispose());
        _disks.ForEach(disk => disk.Dispose());
        Network.Dispose();
    }

    private static string MembersSeenBy(BrokerNode node) => node.TryControl("rabbitmqctl", "eval", MembersExpression);

    private void Mend(BrokerNode node, RoundLimit limit)
    {
        if (node.TryControl("rabbitmqctl", "eval", LogExpression).Trim() == "false")
        {
            node.Kill();
            StartUntilReady(node, limit);
        }
        else
        {
            Remove(node);
        }
    }

    /// <summary>Removes a member whose server does not run from the stream coordinator, and deletes the files of the server. The
    /// coordinator adds the node again up to 30 s later. RabbitMQ leaves such a member if its server started too late when the coordinator
    /// was created.</summary>
    private void Remove(BrokerNode node)
    {
        _ = _nodes.First(other => other != node).TryControl(
            "rabbitmqctl", "eval",
            $"ra:remove_member({{rabbit_stream_coordinator, node()}}, {{rabbit_stream_coordinator, '{node.Name}'}}, 5000).");
        _ = node.TryControl("rabbitmqctl", "eval", "ra:force_delete_server(coordination, {rabbit_stream_coordinator, node()}).");
    }

    private void AddNode(TempDirectory folder, int number)
    {
        string directory = Directory.CreateDirectory(folder.Combine($"node{number}")).FullName;
        string[] launcher = [.. Network.Launcher(number)];
        _names.Add(ChildProcess.Start(launcher[0], [.. launcher[1..], "epmd", "-port", $"{EpmdPort}"]));
        string address = Network.AddressOf(number);
        LoopDisk disk = new(folder.Combine($"disk{number}"), Path.Combine(directory, "data"), s_diskBytes);
        _disks.Add(disk);
        _nodes.Add(new BrokerNode(directory, number, EpmdPort, new BrokerPlace(address, address)
        {
            Launcher = [.. disk.Launcher, .. launcher],
            ErlangArguments = ErlangArguments,
            Settings = Settings,
            UsesLongNames = true,
        }));
    }
}
