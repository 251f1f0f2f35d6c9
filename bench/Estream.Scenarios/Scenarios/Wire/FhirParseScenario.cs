using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>Translates an Observation of FHIR R4 in JSON to ESF.</summary>
internal sealed class FhirParseScenario : IScenario
{
    private const string Json = "system-text-json";
    private const string Library = "hl7-fhir-r4";
    private const int Operations = 1_000_000;

    // The library needs much longer for each.
    private const int LibraryOperations = 100_000;

    public string Name => "fhir-parse";

    public string Summary => "check an Observation of FHIR R4 in JSON and convert it to an ESF message";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new("observation", Json, Peer(Json, context => new FhirJsonContender(context, Operations)), Product(Operations, 1.0 / 3)),
        new("observation-library", Library, Peer(Library, context => new FirelyContender(context, LibraryOperations)),
            Product(LibraryOperations, 0.1)),
    ];

    private static Contender Peer(string name, Func<ContenderContext, IContender> create) =>
        Contender.Managed(name, create) with { IsWithoutFiles = true };

    private static Contender Product(int operations, double ratio) =>
        Contender.Managed("estream", context => new FhirParseContender(context, operations)) with
        {
            Target = new Target([Goal.AtMost(ratio), Goal.NoAllocation], []),
            IsWithoutFiles = true,
        };
}
