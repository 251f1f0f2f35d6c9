using System.Globalization;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>How long a message takes from its socket into the map, at rates at which a host could save wake-ups by delays.</summary>
internal sealed class SocketToMapScenario : IScenario
{
    private const double NanosPerMilli = 1_000_000;

    public string Name => "socket-to-map";

    public string Summary => "send a 100-byte message over one of 10 MQTT connections until another process reads it from the map";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } = [Case(1_000), Case(10_000)];

    private static ScenarioCase Case(int perSecond) => new(
        perSecond.ToString(CultureInfo.InvariantCulture),
        Reference: null,
        Contender.Managed("estream", context => new SocketToMapContender(context, perSecond)) with
        {
            IsWithoutFiles = true,
            Target = new Target([Goal.P99Below(2 * NanosPerMilli)], []),
        });
}
