using System.Collections.ObjectModel;
using System.Text;
using Estream.Esf;

namespace Estream.Wire.Compliance;

/// <summary>The adapter under test, and what the suite has to know to speak with it. The author of the adapter writes it, once for each way
/// it is used.</summary>
public interface IComplianceSubject
{
    /// <summary>Makes the adapter.</summary>
    IWireAdapterFactory Factory { get; }

    /// <summary>What the adapter is.</summary>
    ComplianceTraits Traits { get; }

    /// <summary>
    /// Checks that cannot mean anything for the adapter, by their ids, each with the reason. They are left out, never count as passed, and
    /// the report shows the reason. Default: none.
    /// </summary>
    IReadOnlyDictionary<string, string> NotApplicable => ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The schemas its settings can name; built on <see cref="EsfSchemaSet.BuiltIn"/>.</summary>
    EsfSchemaSet Schemas { get; }

    /// <summary>The field, at the top of the stored message, that holds the number of <see cref="Message"/>: as an integer, or as its
    /// digits.</summary>
    string NumberField { get; }

    /// <summary>
    /// The settings of the adapter at a site, as they stand below its name in appsettings.json. Its messages go to the queue
    /// <see cref="WireAdapterCompliance.Queue"/>. Waits are short here: a tenth of a second at most before it connects again.
    /// </summary>
    /// <param name="site">The site.</param>
    IReadOnlyDictionary<string, string?> Settings(ComplianceSite site);

    /// <summary>A message that fits, the same each time it is asked for.</summary>
    /// <param name="number">From 1 to 60,000; stands in the message.</param>
    ComplianceMessage Message(int number);

    /// <summary>A message the protocol allows and no schema takes: it belongs among the dead letters.</summary>
    ComplianceMessage Unfit { get; }

    /// <summary>How long the suite waits for what has to happen, before it says that it has not. Default: 30 s, for slow
    /// machines.</summary>
    TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>Makes the other side of the wire; one that listens does so when this returns.</summary>
    /// <param name="site">The site.</param>
    IWirePeer CreatePeer(ComplianceSite site);
}

/// <summary>Where one check takes place. Each has a site of its own, so that checks can run beside each other.</summary>
/// <param name="Port">A TCP port of 127.0.0.1: an adapter that listens listens there, a peer of one that dials listens there.</param>
/// <param name="Folder">An empty folder for files that settings name; it is removed afterwards.</param>
/// <param name="Secret">A password nobody else has: give it to adapter and peer where the protocol has one, through a file in
/// <paramref name="Folder"/>.</param>
public sealed record ComplianceSite(int Port, string Folder, string Secret);

/// <summary>A message as <see cref="IWireAdapter.TranslateIngress"/> takes it.</summary>
/// <param name="Topic">Where it is sent to, in UTF-8; empty where the protocol has no such thing.</param>
/// <param name="Payload">Its content.</param>
public sealed record ComplianceMessage(ReadOnlyMemory<byte> Topic, ReadOnlyMemory<byte> Payload)
{
    /// <summary>A message of text.</summary>
    public static ComplianceMessage Of(string topic, string payload)
    {
        return new ComplianceMessage(Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload));
    }
}

/// <summary>What an adapter is, so that the suite asks it for no more. A check that needs what the adapter has not is left out, and never
/// counts as passed.</summary>
[Flags]
public enum ComplianceTraits
{
    /// <summary>Nothing of what follows.</summary>
    None = 0,

    /// <summary>Peers connect to it: it listens on <see cref="ComplianceSite.Port"/>.</summary>
    Listens = 1,

    /// <summary>It connects to a peer that listens on <see cref="ComplianceSite.Port"/>.</summary>
    Dials = 2,

    /// <summary>Its protocol acknowledges messages, so that a peer knows which are taken.</summary>
    Acknowledges = 4,

    /// <summary>It sends what it is given to emit, and the settings say so for the schema of the suite's messages.</summary>
    Sends = 8,

    /// <summary>It ends a connection whose peer gives no sign of life, within half a minute with the settings the suite gets.</summary>
    NoticesSilence = 16,

    /// <summary>Its settings lead to <see cref="ComplianceSite.Secret"/>, which it must show nobody.</summary>
    HasSecret = 32,
}
