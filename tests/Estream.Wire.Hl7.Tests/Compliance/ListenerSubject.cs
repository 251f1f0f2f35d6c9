using System.Globalization;
using Estream.Esf;
using Estream.Wire.Compliance;
using Estream.Wire.Compliance.Peers;

namespace Estream.Wire.Hl7.Tests.Compliance;

/// <summary>The listener, storing Hl7Header, as the compliance suite needs it.</summary>
internal sealed class ListenerSubject : IComplianceSubject
{
    private const string Topic = "header/ADT/A01";

    public IWireAdapterFactory Factory { get; } = new Hl7ListenerFactory();

    public ComplianceTraits Traits =>
        ComplianceTraits.Listens | ComplianceTraits.Acknowledges | ComplianceTraits.NoticesSilence;

    public IReadOnlyDictionary<string, string> NotApplicable { get; } = new Dictionary<string, string>
    {
        ["W2"] = "any text is a control id, so a damaged number is still a control id; ListenerTests damages messages",
        ["T5"] = "a message may identify a person, so its dead letter keeps no payload; ListenerPrivacyTests checks the rest",
    };

    public EsfSchemaSet Schemas { get; } = EsfSchemaSet.BuiltIn.With(Hl7Schemas.Own);

    public string NumberField => "control_id";

    /// <summary>A control id that is longer than its field.</summary>
    public ComplianceMessage Unfit => ComplianceMessage.Of(Topic, Text(new string('7', 250)));

    public IReadOnlyDictionary<string, string?> Settings(ComplianceSite site) => new Dictionary<string, string?>
    {
        ["Port"] = site.Port.ToString(CultureInfo.InvariantCulture),
        ["IdleSeconds"] = "10",
        ["MessageSeconds"] = "60",
        ["Mappings:0:Schema"] = "Hl7Header",
        ["Mappings:0:Queue"] = WireAdapterCompliance.Queue,
    };

    public ComplianceMessage Message(int number) =>
        ComplianceMessage.Of(Topic, Text(number.ToString(CultureInfo.InvariantCulture)));

    public IWirePeer CreatePeer(ComplianceSite site) => new TcpPeer(site.Port, socket => new SenderConnection(socket));

    private static string Text(string controlId) =>
        $"MSH|^~\\&|ADT1|GOOD HEALTH|LAB|FAC|20260101120000||ADT^A01^ADT_A01|{controlId}|P|2.5.1\r"
        + "EVN|A01|20260101120000\rPID|1||567^^^GH^MR||EVERYWOMAN^EVE||19620320|F\rPV1|1|I|W^389^1\r";
}
