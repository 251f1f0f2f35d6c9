using Estream.Esf.Schema;

namespace Estream.Marketplace;

/// <summary>What a component needs around it and does not bring along: a host, a console, an SDK. Immutable.</summary>
/// <param name="Engine">The engine's name, such as <c>console</c>.</param>
/// <param name="Range">Its versions that will do.</param>
public sealed record EngineRequirement(string Engine, VersionRange Range);
