using System.Globalization;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Peers;

/// <summary>The <c>node-opcua</c> row of `opcua-read`: its client in Node.js, which reads from the server that this contender also
/// starts.</summary>
internal sealed class NodeOpcUaContender : IContender
{
    public const string Implementation = "node-opcua";

    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_roundLimit = TimeSpan.FromSeconds(100);

    private readonly ChildProcess _server;
    private readonly ChildProcess _client;

    public NodeOpcUaContender(ContenderContext context, int portion)
    {
        NodePeers peers = NodePeers.Prepare(Console.Error) ?? throw new ScenarioException("node-opcua is not installed");
        _server = OpcUaAnswerer.Start(out Uri url);
        long reads = OpcUaReadContender.ReadsOf(context.Size) / portion;
        _client = new ChildProcess(
            peers.Start("opcua.mjs", Implementation, Text(url.Port), Text(reads), Text(OpcUaAnswerer.Nodes)), "a client of opcua-read");
        _client.Expect("ready", s_startLimit);
    }

    public RunResult Run()
    {
        _client.Send("run");
        return RunResult.Parse(_client.Receive(s_roundLimit));
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
