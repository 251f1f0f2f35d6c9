using System.Collections.ObjectModel;
using System.Text;
using Estream.Esf;

namespace Estream.Wire.Compliance;

/// <summary>The adapter under test, with the information the suite needs to use it. Implemented by the author of the adapter, once for each
/// kind of use.</summary>
public interface IComplianceSubject
{
    /// <summary>Creates the adapter.</summary>
    IWireAdapterFactory Factory { get; }

    /// <summary>The traits of the adapter.</summary>
    ComplianceTraits Traits { get; }

    /// <summary>
    /// Checks that are meaningless for the adapter: their ids, each with a reason. They are skipped and never count as passed; the report
    /// shows the reason. Default: none.
    /// </summary>
    IReadOnlyDictionary<string, string> NotApplicable => ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The schemas that the settings of the adapter may name; must include <see cref="EsfSchemaSet.BuiltIn"/>.</summary>
    EsfSchemaSet Schemas { get; }

    /// <summary>The top-level field of the stored message that contains the number of <see cref="Message"/>, as an integer or as text of
    /// digits.</summary>
    string NumberField { get; }

    /// <summary>
    /// The settings of the adapter at a site, as below its name in appsettings.json. The settings must store messages in the queue
    /// <see cref="WireAdapterCompliance.Queue"/>, and limit the delay before reconnecting to a tenth of a second.
    /// </summary>
    /// <param name="site">The site.</param>
    IReadOnlyDictionary<string, string?> Settings(ComplianceSite site);

    /// <summary>Returns a message that fits its schema, the same for each call with this number.</summary>
    /// <param name="number">From 1 to 60,000; contained in the message.</param>
    ComplianceMessage Message(int number);

    /// <summary>A message that the protocol allows but no schema accepts, so that it must become a dead letter.</summary>
    ComplianceMessage Unfit { get; }

    /// <summary>How long the suite waits for an expected event before the check fails. Default: 30 s, for slow machines.</summary>
    TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>Creates the peer. A peer that listens must be listening when this method returns.</summary>
    /// <param name="site">The site.</param>
    IWirePeer CreatePeer(ComplianceSite site);
}

/// <summary>The environment of one check. Each check has its own site, so that checks can run concurrently.</summary>
/// <param name="Port">A TCP port of 127.0.0.1. An adapter that listens uses this port; for an adapter that dials, the peer listens on this
/// port.</param>
/// <param name="Folder">An empty folder for files named in settings; deleted after the check.</param>
/// <param name="Secret">A unique password. Pass it to the adapter and the peer if the protocol has passwords, through a file in
/// <paramref name="Folder"/>.</param>
public sealed record ComplianceSite(int Port, string Folder, string Secret);

/// <summary>A message as passed to <see cref="IWireAdapter.TranslateIngress"/>.</summary>
/// <param name="Topic">The topic in UTF-8; empty if the protocol has no topics.</param>
/// <param name="Payload">The content.</param>
public sealed record ComplianceMessage(ReadOnlyMemory<byte> Topic, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Creates a message from text.</summary>
    public static ComplianceMessage Of(string topic, string payload)
    {
        return new ComplianceMessage(Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload));
    }
}

/// <summary>The traits of an adapter. A check that needs a trait the adapter does not have is skipped and never counts as
/// passed.</summary>
[Flags]
public enum ComplianceTraits
{
    /// <summary>The adapter has none of the traits.</summary>
    None = 0,

    /// <summary>The adapter listens on <see cref="ComplianceSite.Port"/>, and peers connect to it.</summary>
    Listens = 1,

    /// <summary>The adapter connects to a peer that listens on <see cref="ComplianceSite.Port"/>.</summary>
    Dials = 2,

    /// <summary>The protocol acknowledges messages, so that a peer knows which messages are stored.</summary>
    Acknowledges = 4,

    /// <summary>The adapter sends messages, and its settings configure sending for the schema of the suite's messages.</summary>
    Sends = 8,

    /// <summary>With the settings of the suite, the adapter closes the connection of a silent peer within half a minute.</summary>
    NoticesSilence = 16,

    /// <summary>The settings of the adapter use <see cref="ComplianceSite.Secret"/>, which the adapter must never disclose.</summary>
    HasSecret = 32,
}
