using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>Translates an Observation of FHIR R4 in JSON to ESF.</summary>
internal sealed class FhirParseScenario : IScenario
{
    private const string Json = "system-text-json";
    private const string Library = "hl7-fhir-r4";

    public string Name => "fhir-parse";

    public string Summary => "check an Observation of FHIR R4 in JSON and convert it to an ESF message";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new("observation", Json, Contender.Managed(Json, context => new FhirJsonContender(context)) with { IsWithoutFiles = true },
            Product(Goal.AtMost(1.0 / 3))),
        new("observation-library", Library,
            Contender.Managed(Library, context => new FirelyContender(context)) with { IsWithoutFiles = true },
            Product(Goal.AtMost(0.1))),
    ];

    private static Contender Product(Goal goal) => Contender.Managed("estream", context => new FhirParseContender(context)) with
    {
        Target = new Target([goal, Goal.NoAllocation], []),
        IsWithoutFiles = true,
    };
}
