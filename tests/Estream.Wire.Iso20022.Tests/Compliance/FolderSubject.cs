using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Estream.Esf;
using Estream.Testing;
using Estream.Wire.Compliance;

namespace Estream.Wire.Iso20022.Tests.Compliance;

/// <summary>A folder for status reports (pacs.002) as a compliance subject. The suite has no keys, so the schemas have no private
/// fields.</summary>
internal sealed partial class FolderSubject : IComplianceSubject
{
    // The sample has a version without a schema; its content is valid in the previous version, too. Nothing may follow a message, since the
    // next message begins there.
    private static readonly string s_report = Encoding.UTF8.GetString(Samples.Read("pacs008-pkg/pacs.002.001.12.xml")).TrimEnd()
        .Replace("pacs.002.001.12", "pacs.002.001.11", StringComparison.Ordinal);

    public IWireAdapterFactory Factory { get; } = new Iso20022FolderFactory();

    public ComplianceTraits Traits => ComplianceTraits.Sends;

    public IReadOnlyDictionary<string, string> NotApplicable { get; } = new Dictionary<string, string>
    {
        ["D2"] = "a folder has neither a port nor connections that could be left",
        ["T5"] = "a dead letter about a file has its name and not its content, which may be private and lies in the folder of what was "
            + "refused",
        ["E4"] = "a wrong file is no wrong connection: it is told as a dead letter",
        ["W1"] = "a file is there when it has its name, so it never comes in pieces",
        ["M3"] = "a folder that messages are put into is there, or the adapter does not start",
        ["M1"] = "nobody connects to a folder, so no connection is counted",
    };

    public EsfSchemaSet Schemas { get; } = EsfSchemaSet.BuiltIn.With(WithoutPrivacy());

    public string NumberField => "message_id";

    public ComplianceMessage Unfit { get; } =
        ComplianceMessage.Of("pain.001", "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"></Document>");

    // Thousands of files take a while on a slow disk.
    public TimeSpan Patience => TimeSpan.FromMinutes(2);

    public IReadOnlyDictionary<string, string?> Settings(ComplianceSite site)
    {
        Directory.CreateDirectory(FolderPeer.FolderOf(site));
        Directory.CreateDirectory(FolderPeer.OutOf(site));
        return new Dictionary<string, string?>
        {
            ["Folder"] = FolderPeer.FolderOf(site),
            ["PollMs"] = "10",
            ["Checks"] = "schema",
            ["Mappings:0:Topic"] = "pacs.002",
            ["Mappings:0:Schema"] = "Pacs002StatusReport",
            ["Mappings:0:Queue"] = WireAdapterCompliance.Queue,
            ["Out"] = FolderPeer.OutOf(site),
            ["Egress:0:Queue"] = WireAdapterCompliance.Queue,
            ["Egress:0:Schema"] = "Pacs002StatusReport",
        };
    }

    public ComplianceMessage Message(int number)
    {
        return ComplianceMessage.Of("pacs.002",
            s_report.Replace("MSG-STATUS-001", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
    }

    public IWirePeer CreatePeer(ComplianceSite site)
    {
        return new FolderPeer(site);
    }

    public static EsfSchemaSet WithoutPrivacy()
    {
        const string Name = "iso20022.esf.yaml";
        string text = File.ReadAllText(RepositoryRoot.Combine("schemas", "esf-payments", "schemas", Name));
        return EsfSchemaSet.Parse(new EsfSchemaFile(Name, Privacy().Replace(text, "")));
    }

    [GeneratedRegex(@",? *privacy: \{ profile: pci_dss \}")]
    private static partial Regex Privacy();
}
