using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>Translates an admission of HL7 v2 to ESF.</summary>
internal sealed class Hl7ParseScenario : IScenario
{
    public string Name => "hl7-parse";

    public string Summary => "check an ADT^A01 of HL7 2.5.1 and convert it to an ESF message";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } = [Case("message", isPatient: false), Case("patient", isPatient: true)];

    private static ScenarioCase Case(string name, bool isPatient) => new(
        name,
        Reference: "split",
        Contender.Managed("split", context => new Hl7SplitContender(context, isPatient)) with { IsWithoutFiles = true },
        Contender.Managed("estream", context => new Hl7ParseContender(context, isPatient)) with
        {
            Target = new Target([Goal.Below(1_000), Goal.NoAllocation], []),
            IsWithoutFiles = true,
        });
}
