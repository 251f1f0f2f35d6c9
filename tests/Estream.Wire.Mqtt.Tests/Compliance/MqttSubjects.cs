using System.Globalization;
using Estream.Core;
using Estream.Esf;
using Estream.Wire.Compliance;

namespace Estream.Wire.Mqtt.Tests.Compliance;

/// <summary>The common part of endpoint and client for the suite: telemetry of one device at QoS 1.</summary>
internal abstract class MqttSubject : IComplianceSubject
{
    private const string Topic = "devices/peer/telemetry";

    public abstract IWireAdapterFactory Factory { get; }

    public abstract ComplianceTraits Traits { get; }

    public EsfSchemaSet Schemas => EsfSchemaSet.BuiltIn;

    public string NumberField => "timestamp";

    public ComplianceMessage Unfit { get; } = ComplianceMessage.Of(Topic, "nonsense");

    // A busy machine can delay any step by many seconds.
    public TimeSpan Patience => TimeSpan.FromMinutes(1);

    public abstract IReadOnlyDictionary<string, string?> Settings(ComplianceSite site);

    public abstract IWirePeer CreatePeer(ComplianceSite site);

    public ComplianceMessage Message(int number)
    {
        return ComplianceMessage.Of(Topic,
            string.Create(CultureInfo.InvariantCulture, $$"""{"timestamp":{{number}},"metric_name":"m","value":1}"""));
    }

    protected static Dictionary<string, string?> Mapped(params (string Key, string Value)[] settings)
    {
        Dictionary<string, string?> all = new()
        {
            ["ReceiveMaximum"] = "65535",
            ["Mappings:0:Topic"] = "devices/{device_id}/telemetry",
            ["Mappings:0:Payload"] = "json",
            ["Mappings:0:Schema"] = "IoTTelemetry",
            ["Mappings:0:Queue"] = WireAdapterCompliance.Queue,
        };
        foreach ((string key, string value) in settings)
        {
            all.Add(key, value);
        }

        return all;
    }
}

/// <summary>The client of a broker, with a password and a subscription at QoS 1. It publishes the messages that it stores.</summary>
internal sealed class MqttClientSubject : MqttSubject
{
    public override IWireAdapterFactory Factory { get; } = new MqttClientFactory();

    public override ComplianceTraits Traits =>
        ComplianceTraits.Dials | ComplianceTraits.Acknowledges | ComplianceTraits.Sends | ComplianceTraits.NoticesSilence
            | ComplianceTraits.HasSecret;

    public override IReadOnlyDictionary<string, string?> Settings(ComplianceSite site)
    {
        string password = Path.Combine(site.Folder, "password");
        File.WriteAllText(password, site.Secret);
        File.SetUnixFileMode(password, SecretFile.OwnerOnly);
        return Mapped(
            ("Broker:Host", "127.0.0.1"),
            ("Broker:Port", site.Port.ToString(CultureInfo.InvariantCulture)),
            ("Broker:UserName", MqttPeer.User),
            ("Broker:PasswordFile", password),
            ("ClientId", "compliance"),
            ("KeepAliveSeconds", "8"),
            ("Reconnect:InitialMs", "10"),
            ("Reconnect:MaxMs", "100"),
            ("Subscriptions:0:Filter", "devices/+/telemetry"),
            ("Subscriptions:0:Qos", "1"),
            ("Egress:0:Queue", WireAdapterCompliance.Queue),
            ("Egress:0:Schema", "IoTTelemetry"),
            ("Egress:0:Topic", "devices/{device_id}/telemetry"),
            ("Egress:0:Qos", "1"));
    }

    public override IWirePeer CreatePeer(ComplianceSite site)
    {
        return new MqttPeer(site, isBroker: true);
    }
}
