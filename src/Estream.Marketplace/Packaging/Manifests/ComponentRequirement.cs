using Estream.Esf.Schema;

namespace Estream.Marketplace;

/// <summary>A required component with its accepted versions. Immutable.</summary>
/// <param name="Name">The component.</param>
/// <param name="Range">The accepted versions.</param>
public sealed record ComponentRequirement(ComponentName Name, VersionRange Range)
{
    /// <summary>Returns the requirement as text: <c>esf-iot ^1.2</c>.</summary>
    public override string ToString() => $"{Name} {Range}";
}

/// <summary>A program that a component requires and does not contain: a host, a console, or an SDK. Immutable.</summary>
/// <param name="Engine">The name of the engine, such as <c>console</c>.</param>
/// <param name="Range">The accepted versions.</param>
public sealed record EngineRequirement(string Engine, VersionRange Range);
