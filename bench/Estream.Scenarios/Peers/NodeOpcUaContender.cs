using System.Globalization;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Peers;

/// <summary>The <c>node-opcua</c> row of `opcua-read`: its client in Node.js, which reads from the server that this contender also
/// starts.</summary>
internal sealed class NodeOpcUaContender : IContender
{
    public const string Implementation = "node-opcua";

    private const int MostLines = 100;

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
        try
        {
            AwaitReady();
        }
        catch
        {
            Dispose();
            throw;
        }
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

    // At its first start on a machine, node-opcua prints that it creates a certificate.
    private void AwaitReady()
    {
        for (int line = 0; _client.Receive(s_startLimit) != "ready"; line++)
        {
            if (line == MostLines)
            {
                throw new ScenarioException("the client of node-opcua prints something else than 'ready'");
            }
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
