using Estream.Circuits;

namespace Estream.Marketplace.Governance;

/// <summary>A key that may publish widgets, as a registry knows it.</summary>
/// <param name="PublicKey">The ML-DSA-87 key as FIPS 204 encodes it: 2,592 bytes.</param>
/// <param name="Scope">What the ids of its widgets begin with, such as <c>@acme</c>: at most 40 bytes.</param>
public sealed record WidgetPublisher(ReadOnlyMemory<byte> PublicKey, string Scope);
