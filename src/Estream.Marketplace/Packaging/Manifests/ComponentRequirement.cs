using Estream.Esf.Schema;

namespace Estream.Marketplace;

/// <summary>A component that is needed, and the versions of it that will do. Immutable.</summary>
/// <param name="Name">The component.</param>
/// <param name="Range">Its versions that will do.</param>
public sealed record ComponentRequirement(ComponentName Name, VersionRange Range)
{
    /// <summary>The requirement as a person writes it: <c>esf-iot ^1.2</c>.</summary>
    public override string ToString() => $"{Name} {Range}";
}

/// <summary>What a component needs around it and does not bring along: a host, a console, an SDK. Immutable.</summary>
/// <param name="Engine">The engine's name, such as <c>console</c>.</param>
/// <param name="Range">Its versions that will do.</param>
public sealed record EngineRequirement(string Engine, VersionRange Range);
