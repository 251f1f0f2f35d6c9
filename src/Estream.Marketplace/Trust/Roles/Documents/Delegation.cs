namespace Estream.Marketplace.Trust.Roles;

/// <summary>Who else says how far some components are trusted. Immutable.</summary>
/// <param name="Role">The name of the document that says it: 1 to 64 lower-case letters, digits and hyphens, and none of the four
/// roles.</param>
/// <param name="Keys">Who signs it.</param>
/// <param name="Components">Which components it may speak of.</param>
/// <param name="HighestTier">What it may grant at most.</param>
/// <param name="IsTerminating">Whether nobody behind it in the list is asked about those components.</param>
public sealed record Delegation(string Role, RoleKeys Keys, IReadOnlyList<ComponentPattern> Components, TrustTier HighestTier, bool IsTerminating);
