using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>What a registry asks of the releases of a category. Immutable.</summary>
/// <param name="Approvals">How many distinct reviewers have to approve of a release before it is installed.</param>
/// <param name="Reviewers">Whose approvals count.</param>
/// <param name="HighestTier">What its components are trusted with at most.</param>
public sealed record CategoryPolicy(int Approvals, IReadOnlyList<DocumentKey> Reviewers, TrustTier HighestTier);
