using Estream.Testing;

namespace Estream.Replication.Tests.Faults;

/// <summary>A network namespace for each node, all on one bridge that the test also reaches. Needs root.</summary>
internal sealed class NodeNetwork : IDisposable
{
    private const int Blocks = 256;
    private const int FirstNode = 11;

    private static int s_made;

    private readonly string _id;
    private readonly string _subnet;
    private readonly int _nodes;

    public NodeNetwork(int nodes)
    {
        _nodes = nodes;

        // A link name has at most 15 characters.
        int number = Interlocked.Increment(ref s_made);
        _id = $"er{Environment.ProcessId:x}{number:x}";
        _subnet = $"10.214.{(Environment.ProcessId + number) % Blocks}";
        try
        {
            Ip("link", "add", Bridge, "type", "bridge");
            Ip("addr", "add", $"{_subnet}.1/24", "dev", Bridge);
            Ip("link", "set", Bridge, "up");
            for (int node = 0; node < nodes; node++)
            {
                Ip("netns", "add", Name(node));
                Ip("link", "add", Near(node), "type", "veth", "peer", "name", Far(node), "netns", Name(node));
                Ip("link", "set", Near(node), "master", Bridge, "up");
                Ip("-n", Name(node), "addr", "add", $"{AddressOf(node)}/24", "dev", Far(node));
                Ip("-n", Name(node), "link", "set", "lo", "up");
                Ip("-n", Name(node), "link", "set", Far(node), "up");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private static string Program => Peer.Require("ip", "iproute2");

    private string Bridge => $"{_id}b";

    public string AddressOf(int node) => $"{_subnet}.{FirstNode + node}";

    /// <summary>The program with arguments that starts a program in the network of a node.</summary>
    public IReadOnlyList<string> Launcher(int node) => [Program, "netns", "exec", Name(node)];

    /// <summary>Cuts a node from all other nodes, in both directions and without a notice. Clients still reach the node.</summary>
    public void CutFromNodes(int node)
    {
        CutToNodes(node);
        CutNodesTo(node);
    }

    /// <summary>Drops the packets that a node sends to other nodes. The node still receives their packets.</summary>
    public void CutToNodes(int node) => ForOthers(node, other => Cut(node, other));

    /// <summary>Drops the packets that other nodes send to a node. The other nodes still receive its packets.</summary>
    public void CutNodesTo(int node) => ForOthers(node, other => Cut(other, node));

    /// <summary>Cuts a node from everything.</summary>
    public void CutFromAll(int node) => Ip("-n", Name(node), "link", "set", Far(node), "down");

    /// <summary>Whether the kernel of a node has a route to another node.</summary>
    public bool CanSend(int from, int to) =>
        ChildProcess.Run(Program, ["-n", Name(from), "route", "get", AddressOf(to)]).ExitCode == 0;

    /// <summary>Ends all cuts of a node.</summary>
    public void Join(int node)
    {
        Ip("-n", Name(node), "link", "set", Far(node), "up");
        ForOthers(node, other =>
        {
            // The command fails for a link that was not cut, because the route does not exist. The exit code is ignored.
            _ = ChildProcess.Run(Program, Route(node, "del", other));
            _ = ChildProcess.Run(Program, Route(other, "del", node));
        });
    }

    /// <summary>Removes the networks. Their processes must have ended.</summary>
    public void Dispose()
    {
        for (int node = 0; node < _nodes; node++)
        {
            _ = ChildProcess.Run(Program, ["link", "del", Near(node)]);
            _ = ChildProcess.Run(Program, ["netns", "del", Name(node)]);
        }

        _ = ChildProcess.Run(Program, ["link", "del", Bridge]);
    }

    private static void Ip(params string[] arguments) => ChildProcess.Run(Program, arguments).EnsureSuccess();

    private void Cut(int from, int to) => Ip(Route(from, "add", to));

    private string[] Route(int from, string change, int to) => ["-n", Name(from), "route", change, "blackhole", AddressOf(to)];

    private void ForOthers(int node, Action<int> action)
    {
        for (int other = 0; other < _nodes; other++)
        {
            if (other != node)
            {
                action(other);
            }
        }
    }

    private string Name(int node) => $"{_id}n{node}";

    private string Near(int node) => $"{_id}v{node}";

    private string Far(int node) => $"{_id}w{node}";
}
