using System.Collections.ObjectModel;
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
