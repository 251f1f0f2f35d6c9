using System.Globalization;
using System.Text;
using Estream.Esf;
using Estream.Wire.Compliance;
using Estream.Wire.Dnp3.Adapter;

namespace Estream.Wire.Dnp3.Tests.Compliance;

/// <summary>The master for the suite: one outstation, whose counter has the number of a message as its value.</summary>
internal sealed class MasterSubject : IComplianceSubject
{
    private const string Topic = "values/peer";

    public IWireAdapterFactory Factory { get; } = new Dnp3MasterFactory();

    public ComplianceTraits Traits => ComplianceTraits.Dials | ComplianceTraits.NoticesSilence | ComplianceTraits.Acknowledges;

    public IReadOnlyDictionary<string, string> NotApplicable { get; } = new Dictionary<string, string>
    {
        ["T5"] = "the dead letter of a value has the time of its response, which the suite cannot know",
    };

    public EsfSchemaSet Schemas { get; } = EsfSchemaSet.BuiltIn.With(Dnp3Schemas.Own);

    public string NumberField => "unsigned";

    // An analog input that is not a number.
    public ComplianceMessage Unfit { get; } = new(Encoding.UTF8.GetBytes(Topic), Payload(Dnp3PointKind.AnalogInput, double.NaN));

    public static TheoryData<string> Checks(bool isBackPressure) =>
        [.. WireAdapterCompliance.For(new MasterSubject()).Select(check => check.Id).Where(id => id.StartsWith('B') == isBackPressure)];

    public IReadOnlyDictionary<string, string?> Settings(ComplianceSite site) => new Dictionary<string, string?>
    {
        ["Devices:0:Name"] = "peer",
        ["Devices:0:Host"] = "127.0.0.1",
        ["Devices:0:Port"] = site.Port.ToString(CultureInfo.InvariantCulture),
        ["Devices:0:TimeoutMs"] = "8000",
        ["Devices:0:ConnectTimeoutMs"] = "60000",
        ["Devices:0:KeepAliveMs"] = "300",
        ["Devices:0:MaxBackoffMs"] = "20",
        ["Devices:0:TimeSync"] = "none",
        ["Reconnect:InitialMs"] = "10",
        ["Reconnect:MaxMs"] = "100",
        ["Mappings:0:Schema"] = "Dnp3Value",
        ["Mappings:0:Queue"] = WireAdapterCompliance.Queue,
    };

    public ComplianceMessage Message(int number) => new(Encoding.UTF8.GetBytes(Topic), Payload(Dnp3PointKind.Counter, number));

    public IWirePeer CreatePeer(ComplianceSite site) => new OutstationPeer(site);

    private static byte[] Payload(Dnp3PointKind kind, double value)
    {
        byte[] payload = new byte[ValueTranslator.PayloadBytes];
        Dnp3Measurement one = new(kind, 0, value) { IsEvent = true, IsInteger = kind == Dnp3PointKind.Counter, Flags = 1 };
        ValueTranslator.WritePayload(0, one, 1_700_000_000_000_000_000, payload);
        return payload;
    }
}
