using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>Reads variables of an OPC UA server over one loopback connection.</summary>
internal sealed class OpcUaReadScenario : IScenario
{
    // Node.js takes several times as long, so it gets a part of the requests.
    private const int Portion = 5;

    public string Name => "opcua-read";

    public string Summary => "read 10 variables of an OPC UA server in one request, one request at a time";

    public Unit Unit => Unit.OperationsPerSecond;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new("10-nodes", NodeOpcUaContender.Implementation,
            Contender.Managed("estream", context => new OpcUaReadContender(context)) with
            {
                Target = new Target([Goal.AtLeastTimes(5)], []),
                IsWithoutFiles = true,
            },
            Contender.Managed(NodeOpcUaContender.Implementation, context => new NodeOpcUaContender(context, Portion)) with
            {
                Portion = Portion,
                IsBuilt = NodePeers.CanInstall,
                IsWithoutFiles = true,
            }),
    ];
}
