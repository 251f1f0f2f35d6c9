using System.Diagnostics.CodeAnalysis;

namespace Estream.Marketplace;

/// <summary>The result of a resolution: a set or a conflict. Immutable.</summary>
public sealed class ResolutionResult
{
    internal ResolutionResult(ResolvedSet? set, ResolutionConflict? conflict)
    {
        Set = set;
        Conflict = conflict;
    }

    /// <summary>Whether a set was found.</summary>
    [MemberNotNullWhen(true, nameof(Set))]
    [MemberNotNullWhen(false, nameof(Conflict))]
    public bool IsResolved => Set is not null;

    /// <summary>The set; null if there is a conflict.</summary>
    public ResolvedSet? Set { get; }

    /// <summary>The conflict; null if there is a set.</summary>
    public ResolutionConflict? Conflict { get; }
}

/// <summary>Explains to a person why a resolution failed. Immutable.</summary>
public sealed class ResolutionConflict
{
    internal ResolutionConflict(IReadOnlyList<string> explanation, IReadOnlyList<string> hints, bool isUndecided)
    {
        Explanation = explanation;
        Hints = hints;
        IsUndecided = isUndecided;
    }

    /// <summary>The explanation, one sentence a line, from the requirements to the conclusion.</summary>
    public IReadOnlyList<string> Explanation { get; }

    /// <summary>What to do, one sentence each.</summary>
    public IReadOnlyList<string> Hints { get; }

    /// <summary>True if the limit of steps was reached, so that it is unknown whether a resolution exists.</summary>
    public bool IsUndecided { get; }

    /// <summary>Returns the whole message: the explanation, followed by the hints.</summary>
    public override string ToString() =>
        string.Join('\n', Explanation.Concat(Hints.Select(hint => $"  - {hint}.".Replace("?.", "?", StringComparison.Ordinal))));
}

/// <summary>Why an existing release cannot be chosen.</summary>
public enum ExclusionReason
{
    /// <summary>The publisher yanked the release.</summary>
    Yanked,

    /// <summary>The release is younger than the workspace's cooldown.</summary>
    Cooldown,

    /// <summary>The trust policy refuses the release.</summary>
    Trust,
}

/// <summary>One version of every required component, with all requirements met. Immutable.</summary>
public sealed class ResolvedSet
{
    internal ResolvedSet(IReadOnlyList<ResolvedComponent> components, IReadOnlyDictionary<string, ComponentName> schemas, int steps)
    {
        Components = components;
        Schemas = schemas;
        Steps = steps;
    }

    /// <summary>The components, each after the components it needs, then by name.</summary>
    public IReadOnlyList<ResolvedComponent> Components { get; }

    /// <summary>The required schemas, and the component that provides each.</summary>
    public IReadOnlyDictionary<string, ComponentName> Schemas { get; }

    /// <summary>The number of solver steps that were taken.</summary>
    public int Steps { get; }
}

/// <summary>A component of a resolution.</summary>
/// <param name="Release">The chosen release.</param>
/// <param name="NeededBy">The components that need the component or one of its schemas, by name. Does not include the workspace.</param>
/// <param name="IsDirect">Whether the workspace asks for the component directly.</param>
public sealed record ResolvedComponent(CandidateRelease Release, IReadOnlyList<ComponentName> NeededBy, bool IsDirect);
