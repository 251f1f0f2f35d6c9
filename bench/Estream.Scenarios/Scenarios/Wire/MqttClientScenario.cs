using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>Publishes at QoS 1, as fast as acknowledgements allow, to a broker that only acknowledges.</summary>
internal sealed class MqttClientScenario : IScenario
{
    public string Name => "mqtt-client";

    public string Summary => "publish 100 bytes at QoS 1 over one MQTT connection, 256 in flight, until the last is acknowledged";

    public Unit Unit => Unit.OperationsPerSecond;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "100B",
            Reference: "libmosquitto",
            Contender.Managed("libmosquitto", context => new LibMosquittoContender(context)) with
            {
                NativeCommand = LibMosquittoContender.Command,
            },
            Contender.Managed("mqttnet", context => new MqttNetContender(context)) with
            {
                IsPeer = true,
                IsWithoutFiles = true,
            },
            Contender.Managed("estream", context => new MqttClientContender(context)) with
            {
                Target = new Target([Goal.AtLeastTimes(1.5)], []),
                IsWithoutFiles = true,
            }),
    ];
}
