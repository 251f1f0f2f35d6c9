using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>Sends payments to a bank over one loopback connection, one at a time, and receives the report about each.</summary>
internal sealed class Iso20022ClientScenario : IScenario
{
    public string Name => "iso20022-client";

    public string Summary => "send a pacs.008 to a bank and receive its pacs.002, one at a time, over one loopback connection";

    public Unit Unit => Unit.OperationsPerSecond;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "1-transaction",
            Reference: "socket",
            Contender.Managed("socket", context => new PaymentSocketContender(context)) with { IsWithoutFiles = true },
            Contender.Managed("estream", context => new Iso20022ClientContender(context)) with { IsWithoutFiles = true }),
    ];
}
