using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>The cost of 10,000 connected idle clients for one sender: the rate of `mqtt-ingest` with and without
/// them.</summary>
internal sealed class MqttIdleScenario : IScenario
{
    private const int IdleClients = 10_000;

    public string Name => "mqtt-idle";

    public string Summary => "publish 100-byte JSON at QoS 0 over one MQTT connection, with 10,000 idle clients and without";

    public Unit Unit => Unit.OperationsPerSecond;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "10000-clients",
            Reference: "estream-alone",
            Contender.Managed("estream-alone", context => new MqttIdleContender(context, 0, Serve)) with { IsWithoutFiles = true },
            Contender.Managed("estream", context => new MqttIdleContender(context, IdleClients, Serve)) with
            {
                IsWithoutFiles = true,
                Target = new Target([Goal.AtLeastTimes(0.98)], []),
            },
            Contender.Managed("mqttnet-alone", context => new MqttIdleContender(context, 0, _ => new MqttNetServer())) with
            {
                IsPeer = true,
                IsWithoutFiles = true,
            },
            Contender.Managed("mqttnet", context => new MqttIdleContender(context, IdleClients, _ => new MqttNetServer())) with
            {
                IsPeer = true,
                IsWithoutFiles = true,
            }),
    ];

    private static EstreamMqttServer Serve(string directory) => new(directory);
}
