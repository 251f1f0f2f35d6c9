using System.Globalization;
using Estream.Core;
using Estream.Esf;
using Estream.Wire.Compliance;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Compliance;

/// <summary>The parts of the compliance subject that acceptor and initiator share: cancel requests, with a password in the Logon. FIX does
/// not acknowledge single messages. Egress messages lack the header that the session adds, so check T6 does not apply.</summary>
internal abstract class FixSubject : IComplianceSubject
{
    private const string MsgType = "F";

    // Nearly the maximum length of such a message, so that the disk is full soon and a destination of twice the length suffices.
    private static readonly string s_rest =
        $"37={new string('v', 60)}|41={new string('o', 60)}|54=1|55=EURUSD|58={new string('t', 250)}|60=20260707-12:30:00.000|";

    public abstract IWireAdapterFactory Factory { get; }

    public abstract ComplianceTraits Traits { get; }

    public EsfSchemaSet Schemas { get; } = EsfSchemaSet.BuiltIn.With(FixTranslator.OwnSchemas);

    public string NumberField => "client_order_id";

    // A busy machine can delay any step by many seconds.
    public TimeSpan Patience => TimeSpan.FromMinutes(1);

    /// <summary>A message with Account (1), which the schema lacks. Has the header of the first message of the first peer, which therefore
    /// sends it unchanged.</summary>
    public ComplianceMessage Unfit { get; } = ComplianceMessage.Of(
        MsgType, Frames.Text(FixPeerConnection.Frame(MsgType, FixPeerConnection.FirstNumber, FixPeer.NameOf(0), $"1=ACCOUNT|11=1|{s_rest}"))
            .Replace('|', '\u0001'));

    public abstract IReadOnlyDictionary<string, string?> Settings(ComplianceSite site);

    public abstract IWirePeer CreatePeer(ComplianceSite site);

    public ComplianceMessage Message(int number)
    {
        return ComplianceMessage.Of(
            MsgType, Frames.Text(Frames.Message(string.Create(
                CultureInfo.InvariantCulture,
                $"35={MsgType}|34=1|49={FixPeer.NameOf(0)}|52=20260707-12:30:00.000|56={FixPeer.Adapter}|11={number}|{s_rest}")))
                    .Replace('|', '\u0001'));
    }

    protected static Dictionary<string, string?> Mapped(ComplianceSite site, int sessions, params (string Key, string Value)[] settings)
    {
        string password = Path.Combine(site.Folder, "password");
        File.WriteAllText(password, site.Secret);
        File.SetUnixFileMode(password, SecretFile.OwnerOnly);
        Dictionary<string, string?> all = new()
        {
            ["Mappings:0:MsgType"] = MsgType,
            ["Mappings:0:Schema"] = "FixOrderCancel",
            ["Mappings:0:Queue"] = WireAdapterCompliance.Queue,
        };
        for (int session = 0; session < sessions; session++)
        {
            string key = $"Sessions:{session.ToString(CultureInfo.InvariantCulture)}:";
            all.Add($"{key}SenderCompId", FixPeer.Adapter);
            all.Add($"{key}TargetCompId", FixPeer.NameOf(session));
            all.Add($"{key}ResetOnLogon", "true");
            all.Add($"{key}HeartbeatSeconds", FixPeerConnection.HeartbeatSeconds.ToString(CultureInfo.InvariantCulture));

            // The invalid message is created once and sent by each check, so its SendingTime may be old.
            all.Add($"{key}MaxLatencySeconds", "86400");
            all.Add($"{key}Username", FixPeer.User);
            all.Add($"{key}PasswordFile", password);
        }

        foreach ((string key, string value) in settings)
        {
            all.Add(key, value);
        }

        return all;
    }
}

/// <summary>An acceptor for a few counterparties.</summary>
internal sealed class FixAcceptorSubject : FixSubject
{
    public override IWireAdapterFactory Factory { get; } = new FixAcceptorFactory();

    public override ComplianceTraits Traits => ComplianceTraits.Listens | ComplianceTraits.NoticesSilence | ComplianceTraits.HasSecret;

    public override IReadOnlyDictionary<string, string?> Settings(ComplianceSite site)
    {
        return Mapped(site, FixPeer.Names, ("Address", "127.0.0.1"), ("Port", site.Port.ToString(CultureInfo.InvariantCulture)));
    }

    public override IWirePeer CreatePeer(ComplianceSite site)
    {
        return new FixPeer(site, isVenue: false);
    }
}

/// <summary>An initiator, which has one counterparty.</summary>
internal sealed class FixInitiatorSubject : FixSubject
{
    public override IWireAdapterFactory Factory { get; } = new FixInitiatorFactory();

    public override ComplianceTraits Traits => ComplianceTraits.Dials | ComplianceTraits.NoticesSilence | ComplianceTraits.HasSecret;

    public override IReadOnlyDictionary<string, string?> Settings(ComplianceSite site)
    {
        return Mapped(
            site,
            1,
            ("Host", "127.0.0.1"),
            ("Port", site.Port.ToString(CultureInfo.InvariantCulture)),
            ("MaxReconnectSeconds", "1"));
    }

    public override IWirePeer CreatePeer(ComplianceSite site)
    {
        return new FixPeer(site, isVenue: true);
    }
}
