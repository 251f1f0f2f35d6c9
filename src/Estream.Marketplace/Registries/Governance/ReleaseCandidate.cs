using Estream.Esf.Schema;
using Estream.Marketplace.Names;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Governance;

/// <summary>A release that is decided about, with what only its registry knows. Immutable.</summary>
/// <param name="Release">The release, signed by the owners of its namespace: that was verified.</param>
/// <param name="Owners">The keys of its namespace that count.</param>
/// <param name="Policy">What the signed policy of the registry says of its category.</param>
/// <param name="Approvals">Reviewers of the policy that have approved of it, each once, and none of its owners.</param>
/// <param name="Published">The versions of the component that are in the log.</param>
/// <param name="Changes">What it brings along; null where it could not be compared.</param>
/// <param name="ChangesFault">Why it could not.</param>
/// <param name="PublishedToday">Releases of its namespace in the 24 hours before.</param>
/// <param name="Alike">What its name could be taken for; nothing where it is no first version.</param>
/// <param name="NotLookedAt">Why nobody can look at it now, and it waits; null where it is looked at.</param>
internal sealed record ReleaseCandidate(
    SignedRelease Release, IReadOnlyList<DocumentKey> Owners, CategoryPolicy Policy, int Approvals, IReadOnlyList<SemanticVersion> Published, ReleaseChanges? Changes, string? ChangesFault, int PublishedToday, IReadOnlyList<NameLikeness> Alike, string? NotLookedAt);
