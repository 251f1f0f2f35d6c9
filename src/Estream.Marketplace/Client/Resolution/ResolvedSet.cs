namespace Estream.Marketplace;

/// <summary>One version of every component that is needed, each requirement met. Immutable.</summary>
public sealed class ResolvedSet
{
    internal ResolvedSet(IReadOnlyList<ResolvedComponent> components, IReadOnlyDictionary<string, ComponentName> schemas, int steps)
    {
        Components = components;
        Schemas = schemas;
        Steps = steps;
    }

    /// <summary>The components, each behind all that it needs, and by name where that leaves it open.</summary>
    public IReadOnlyList<ResolvedComponent> Components { get; }

    /// <summary>The schemas that somebody needs, and the component each comes from.</summary>
    public IReadOnlyDictionary<string, ComponentName> Schemas { get; }

    /// <summary>The steps it took.</summary>
    public int Steps { get; }
}
