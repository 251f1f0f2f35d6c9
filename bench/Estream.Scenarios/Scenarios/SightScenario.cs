using Estream.Circuits;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>The cost of observing the messages of a circuit, for the thread of the circuit.</summary>
internal sealed class SightScenario : IScenario
{
    public string Name => "circuit-sight";

    public string Summary =>
        "process readings by the filter of a circuit into a map, observed at level L1, L2 or L3 with a budget of 1,000 traces per "
        + "second, and by counters only";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        Of("L1", ObservationLevel.Distributions),
        Of("L2", ObservationLevel.SampledTraces),
        Of("L3", ObservationLevel.AllTraces),
    ];

    private static ScenarioCase Of(string name, ObservationLevel level) => new(
        name,
        Reference: "L0",
        Contender.Managed("L0", context => new CircuitContender(context, ObservationLevel.Counters)),
        Contender.Managed("estream", context => new CircuitContender(context, level)));
}
