namespace Estream.Marketplace.Trust.Roles;

/// <summary>How far some components are trusted. Of several rules the first that matches counts. Immutable.</summary>
/// <param name="Components">Which.</param>
/// <param name="Tier">How far.</param>
public sealed record TierRule(ComponentPattern Components, TrustTier Tier);
