namespace Estream.Marketplace.Publishing;

/// <summary>What came of renewing a registry. Immutable.</summary>
/// <param name="Bundles">Bundles that were made anew.</param>
/// <param name="Refused">Why others were not: a client would refuse them by the policy as it is now.</param>
public sealed record RegistryRenewal(int Bundles, IReadOnlyList<string> Refused);
