namespace Estream.Marketplace.Registries;

/// <summary>That there is a credential for the registries of an origin; the credential itself is not in it.</summary>
/// <param name="Origin">Scheme, host and port: <c>https://components.example.org</c>.</param>
/// <param name="Expires">From when on it is not sent any more.</param>
public sealed record RegistryCredential(string Origin, DateTimeOffset Expires);
