using System.Globalization;
using Estream.Esf;

namespace Estream.Wire.Compliance.Tests.Line;

/// <summary>A line adapter for the suite.</summary>
internal sealed class LineSubject(LineFault fault, bool dials, TimeSpan patience) : IComplianceSubject
{
    private const string Topic = "lines/peer";

    // A busy machine can delay any step by many seconds.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    public LineSubject(LineFault fault, bool dials)
        : this(fault, dials, s_patience)
    {
    }

    public IWireAdapterFactory Factory { get; } = new LineAdapterFactory(fault, dials);

    public ComplianceTraits Traits { get; } = ComplianceTraits.Acknowledges | ComplianceTraits.NoticesSilence | ComplianceTraits.HasSecret
        | (dials ? ComplianceTraits.Dials | ComplianceTraits.Sends : ComplianceTraits.Listens);

    public EsfSchemaSet Schemas => LineSchemas.Set;

    public string NumberField => "number";

    public ComplianceMessage Unfit { get; } = ComplianceMessage.Of(Topic, """{"number":"many"}""");

    public TimeSpan Patience => patience;

    public IReadOnlyDictionary<string, string?> Settings(ComplianceSite site)
    {
        string password = Path.Combine(site.Folder, "password");
        File.WriteAllText(password, site.Secret);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(password, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return new Dictionary<string, string?>
        {
            ["Port"] = site.Port.ToString(CultureInfo.InvariantCulture),
            ["PasswordFile"] = password,
            ["Queue"] = WireAdapterCompliance.Queue,
            ["Schema"] = "acme.lines.Line",
            ["SilenceMs"] = patience < s_patience ? "4000" : "10000",
            ["LongestWaitMs"] = "100",
        };
    }

    public ComplianceMessage Message(int number)
    {
        return ComplianceMessage.Of(Topic,
            string.Create(CultureInfo.InvariantCulture, $$"""{"number":{{number}},"text":"line {{number}}"}"""));
    }

    public IWirePeer CreatePeer(ComplianceSite site)
    {
        return new LinePeer(site, listens: dials);
    }
}

/// <summary>The single schema of the lines.</summary>
internal static class LineSchemas
{
    public static EsfSchemaSet Set { get; } = EsfSchemaSet.BuiltIn.With(EsfSchemaSet.Parse(new EsfSchemaFile("lines.esf.yaml", """
        version: "1.0"
        namespace: acme.lines
        schemas:
          Line:
            fields:
              sender: { type: string(32) }
              number: { type: u32 }
              text: { type: string }
        """)));
}
