using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>
/// From the bytes of a socket to the map: MQTT 5 at QoS 0 over one loopback connection, JSON to ESF, queue, fold. No other implementation
/// does the same, so the target is a rate and not a ratio. The processor time of the serving process can be compared with a broker's.
/// </summary>
internal sealed class MqttIngestScenario : IScenario
{
    public string Name => "mqtt-ingest";

    public string Summary =>
        "publish 100-byte JSON at QoS 0 over one MQTT connection, counted when it is in the map; -cpu: per second of the server's "
        + "processor time";

    public Unit Unit => Unit.OperationsPerSecond;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "100B",
            Reference: null,
            Contender.Managed("estream", context => new MqttIngestContender(context)) with { Target = Target.AtLeast(400_000) }),
        new ScenarioCase(
            "100B-cpu",
            Reference: "mosquitto",
            Contender.Managed("mosquitto", context => new MqttCpuContender(context, directory => new MosquittoServer(directory))) with
            {
                IsBuilt = MosquittoServer.IsInstalled,
            },
            Contender.Managed("mqttnet", context => new MqttCpuContender(context, _ => new MqttNetServer())) with
            {
                IsPeer = true,
                IsWithoutFiles = true,
            },
            Contender.Managed("estream", context => new MqttCpuContender(context, directory => new EstreamMqttServer(directory))) with
            {
                Target = new Target([Goal.AtLeastTimes(5)], []),
                IsWithoutFiles = true,
            }),
    ];
}
