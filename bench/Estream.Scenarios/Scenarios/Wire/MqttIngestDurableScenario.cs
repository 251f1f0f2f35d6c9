using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>
/// MQTT 5 at QoS 1 with the acknowledgement at each level of durability, on a disk. mosquitto keeps messages for an absent subscriber and
/// writes its database each second; a power cut loses the messages that it has acknowledged since. So mosquitto is compared with
/// <c>estream</c>, the page cache level.
/// </summary>
internal sealed class MqttIngestDurableScenario : IScenario
{
    public string Name => "mqtt-ingest-durable";

    public string Summary => "publish 100-byte JSON at QoS 1 over one MQTT connection, acknowledged at each level of durability";

    public Unit Unit => Unit.OperationsPerSecond;

    public IReadOnlyList<ScenarioCase> Cases { get; } = [Of("256-in-flight", 256), Of("1-in-flight", 1)];

    private static ScenarioCase Of(string name, int inFlight) => new(
        name,
        Reference: "mosquitto",
        [
            Contender.Managed("mosquitto", context => new MqttDurableContender(
                context, inFlight, directory => new MosquittoServer(directory, isPersistent: true))) with
            {
                IsBuilt = MosquittoServer.IsInstalled,
                Storage = Storage.Disk,
            },
            .. DurabilityLevels.All.Select(level => Contender.Managed(DurabilityLevels.RowOf(level), context => new MqttDurableContender(
                context, inFlight, directory => new EstreamMqttServer(directory, level))) with
            {
                IsPeer = level != DurabilityLevels.PageCache,
                IsWithoutFiles = true,
                Storage = Storage.Disk,
            }),
        ]);
}
