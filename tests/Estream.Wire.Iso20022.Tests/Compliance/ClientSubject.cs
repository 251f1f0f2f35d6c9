using System.Globalization;
using Estream.Esf;
using Estream.Wire.Compliance;

namespace Estream.Wire.Iso20022.Tests.Compliance;

/// <summary>The client, storing and sending pacs.002 with answers by frames, as the compliance suite needs it.</summary>
internal sealed class ClientSubject : IComplianceSubject
{
    private readonly ListenerSubject _listener = new();

    public IWireAdapterFactory Factory { get; } = new Iso20022ClientFactory();

    public ComplianceTraits Traits => ComplianceTraits.Dials | ComplianceTraits.Sends;

    public IReadOnlyDictionary<string, string> NotApplicable => _listener.NotApplicable;

    public EsfSchemaSet Schemas => _listener.Schemas;

    public string NumberField => _listener.NumberField;

    public ComplianceMessage Unfit => _listener.Unfit;

    public TimeSpan Patience => _listener.Patience;

    public IReadOnlyDictionary<string, string?> Settings(ComplianceSite site) => new Dictionary<string, string?>
    {
        ["Host"] = "127.0.0.1",
        ["Port"] = site.Port.ToString(CultureInfo.InvariantCulture),
        ["MaxReconnectSeconds"] = "1",
        ["Checks"] = "schema",
        ["Answers"] = "frames",
        ["Mappings:0:Topic"] = "pacs.002",
        ["Mappings:0:Schema"] = "Pacs002StatusReport",
        ["Mappings:0:Queue"] = WireAdapterCompliance.Queue,
        ["Egress:0:Queue"] = WireAdapterCompliance.Queue,
        ["Egress:0:Schema"] = "Pacs002StatusReport",
    };

    public ComplianceMessage Message(int number) => _listener.Message(number);

    public IWirePeer CreatePeer(ComplianceSite site) => new ClientPeer(site.Port);
}
