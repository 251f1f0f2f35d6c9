using System.Globalization;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>The processor time of a host that has little to do.</summary>
internal sealed class HostAtRestScenario : IScenario
{
    private const double NanosPerPercent = 10_000_000;

    public string Name => "host-at-rest";

    public string Summary => "one second of a host: its processor time, idle, with few MQTT messages, FIX sessions or watched folders";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        Case(0, [Goal.Below(0.3 * NanosPerPercent)]),
        Case(100, []),
        Case(1_000, [Goal.Below(2 * NanosPerPercent), Goal.AtMost(1)]),
        Case(10_000, [Goal.Below(8 * NanosPerPercent)]),
        Case(100_000, []),
        Alone("fix-10-sessions", directory => new FixRestLoad(directory)),
        Alone("folders-10", directory => new FolderRestLoad(directory)),
    ];

    private static ScenarioCase Case(int perSecond, Goal[] goals)
    {
        Contender estream = Row("estream", perSecond, directory => new HostProcess(directory));
        return new ScenarioCase(
            perSecond.ToString(CultureInfo.InvariantCulture),
            Reference: "mosquitto",
            Row("mosquitto", perSecond, directory => new MosquittoServer(directory)) with { IsBuilt = MosquittoServer.IsInstalled },
            goals.Length == 0 ? estream : estream with { Target = new Target(goals, []) },
            Row("mqttnet", perSecond, _ => new MqttNetServer()) with { IsPeer = true });
    }

    // What a host with other adapters uses. Without a target: the promised figures are those of MQTT.
    private static ScenarioCase Alone(string name, Func<string, IRestLoad> start) => new(
        name, Reference: null, Row("estream", start));

    private static Contender Row(string implementation, int perSecond, Func<string, IMqttServer> start) =>
        Row(implementation, directory => new MqttRestLoad(start(directory), perSecond));

    private static Contender Row(string implementation, Func<string, IRestLoad> start) =>
        Contender.Managed(implementation, context => new HostAtRestContender(context, start)) with { IsWithoutFiles = true };
}
