using System.Globalization;
using Estream.Core;
using Estream.Esf;
using Estream.Wire;
using Estream.Wire.Compliance;
using Estream.Wire.Mqtt.Tests.Compliance;

namespace MqttNetAdapter.Tests;

/// <summary>The sample adapter for the compliance suite: telemetry of one device at QoS 1, in both directions, with a password.</summary>
internal sealed class MqttNetSubject : IComplianceSubject
{
    private const string Topic = "devices/peer/telemetry";

    public IWireAdapterFactory Factory { get; } = new MqttNetClientFactory();

    public ComplianceTraits Traits =>
        ComplianceTraits.Dials | ComplianceTraits.Acknowledges | ComplianceTraits.Sends
        | ComplianceTraits.NoticesSilence | ComplianceTraits.HasSecret;

    public EsfSchemaSet Schemas => EsfSchemaSet.BuiltIn;

    public string NumberField => "timestamp";

    public ComplianceMessage Unfit { get; } = ComplianceMessage.Of(Topic, "nonsense");

    // A busy machine can delay any step by many seconds.
    public TimeSpan Patience => TimeSpan.FromMinutes(1);

    public ComplianceMessage Message(int number)
    {
        string digits = number.ToString(CultureInfo.InvariantCulture);
        return ComplianceMessage.Of(Topic, $$"""{"timestamp":{{digits}},"metric_name":"m","value":1}""");
    }

    public IReadOnlyDictionary<string, string?> Settings(ComplianceSite site)
    {
        string password = Path.Combine(site.Folder, "password");
        File.WriteAllText(password, site.Secret);
        File.SetUnixFileMode(password, SecretFile.OwnerOnly);
        return new Dictionary<string, string?>
        {
            ["Host"] = "127.0.0.1",
            ["Port"] = site.Port.ToString(CultureInfo.InvariantCulture),
            ["UserName"] = MqttPeer.User,
            ["PasswordFile"] = password,
            ["ClientId"] = "compliance",
            ["KeepAliveSeconds"] = "8",
            ["TimeoutSeconds"] = "8",

            // The peer of the suite sends more messages at once than the receive window allows.
            ["ReceiveMaximum"] = "65535",
            ["Reconnect:InitialMs"] = "10",
            ["Reconnect:MaxMs"] = "100",
            ["Subscriptions:0:Filter"] = "devices/+/telemetry",
            ["Subscriptions:0:Qos"] = "1",
            ["Mappings:0:Topic"] = "devices/{device_id}/telemetry",
            ["Mappings:0:Schema"] = "IoTTelemetry",
            ["Mappings:0:Queue"] = WireAdapterCompliance.Queue,
            ["Egress:0:Queue"] = WireAdapterCompliance.Queue,
            ["Egress:0:Schema"] = "IoTTelemetry",
            ["Egress:0:Topic"] = "devices/{device_id}/telemetry",
            ["Egress:0:Qos"] = "1",
        };
    }

    public IWirePeer CreatePeer(ComplianceSite site)
    {
        return new MqttPeer(site, isBroker: true);
    }
}
