using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>Parses an ISO 20022 credit transfer in XML.</summary>
internal sealed class Iso20022ParseScenario : IScenario
{
    private const string Peer = "xml-serializer";

    // The limit is less than a tenth of the bytes that the peer allocates for any message: the reader of the peer alone allocates more than
    // ten times this limit.
    private const double MostBytes = 1_024;

    public string Name => "iso20022-parse";

    public string Summary => "validate a pacs.008 XML document against its schema and convert it to an ESF message";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } = [Case("1-transaction", 1), Case("1000-transactions", 1_000)];

    private static ScenarioCase Case(string name, int transactions) => new(
        name,
        Peer,
        Contender.Managed(Peer, context => new XmlSerializerContender(context, transactions)) with { IsWithoutFiles = true },
        Contender.Managed("estream", context => new Iso20022ParseContender(context, transactions)) with
        {
            Target = new Target([Goal.AtMost(1.0 / 3), Goal.AllocatedAtMost(MostBytes)], []),
            IsWithoutFiles = true,
        });
}
