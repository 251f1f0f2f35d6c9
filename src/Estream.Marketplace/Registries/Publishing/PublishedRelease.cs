using Estream.Esf.Schema;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Registries;

namespace Estream.Marketplace.Publishing;

/// <summary>A release that was taken, or waits. Immutable.</summary>
/// <param name="Name">The component.</param>
/// <param name="Version">The version.</param>
/// <param name="LogIndex">Where it is in the log; -1 where it is not.</param>
/// <param name="Digest">The digest of its statement.</param>
/// <param name="Result">What the registry says.</param>
/// <param name="Decision">What was decided about it; null where that was done before.</param>
public sealed record PublishedRelease(ComponentName Name, SemanticVersion Version, long LogIndex, string Digest, PublishResult Result, PublishDecision? Decision = null);
