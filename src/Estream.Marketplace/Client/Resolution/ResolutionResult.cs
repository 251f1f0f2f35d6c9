using System.Diagnostics.CodeAnalysis;

namespace Estream.Marketplace;

/// <summary>What a resolution gave: a set, or a conflict. Immutable.</summary>
public sealed class ResolutionResult
{
    internal ResolutionResult(ResolvedSet? set, ResolutionConflict? conflict)
    {
        Set = set;
        Conflict = conflict;
    }

    /// <summary>Whether there is a set.</summary>
    [MemberNotNullWhen(true, nameof(Set))]
    [MemberNotNullWhen(false, nameof(Conflict))]
    public bool IsResolved => Set is not null;

    /// <summary>The set; null when there is a conflict.</summary>
    public ResolvedSet? Set { get; }

    /// <summary>The conflict; null when there is a set.</summary>
    public ResolutionConflict? Conflict { get; }
}

/// <summary>Why there is no resolution, for a person. Immutable.</summary>
public sealed class ResolutionConflict
{
    internal ResolutionConflict(IReadOnlyList<string> explanation, IReadOnlyList<string> hints, bool isUndecided)
    {
        Explanation = explanation;
        Hints = hints;
        IsUndecided = isUndecided;
    }

    /// <summary>Sentences that lead from what components need to the conclusion, one a line.</summary>
    public IReadOnlyList<string> Explanation { get; }

    /// <summary>What can be done about it, one sentence each.</summary>
    public IReadOnlyList<string> Hints { get; }

    /// <summary>True when the limit of steps was reached before it was known whether there is a resolution.</summary>
    public bool IsUndecided { get; }

    /// <summary>The whole message: the explanation, and the hints below it.</summary>
    public override string ToString() =>
        string.Join('\n', Explanation.Concat(Hints.Select(hint => $"  - {hint}.".Replace("?.", "?", StringComparison.Ordinal))));
}

/// <summary>Why a release that exists is not chosen.</summary>
public enum ExclusionReason
{
    /// <summary>Its publisher took it back.</summary>
    Yanked,

    /// <summary>It is younger than the workspace lets in.</summary>
    Cooldown,

    /// <summary>The trust policy refuses it.</summary>
    Trust,
}

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

/// <summary>A component of a resolution.</summary>
/// <param name="Release">The release that was chosen.</param>
/// <param name="NeededBy">The components that need it or a schema of it, by name; the workspace's own requirements name nobody.</param>
/// <param name="IsDirect">Whether the workspace asks for it itself.</param>
public sealed record ResolvedComponent(CandidateRelease Release, IReadOnlyList<ComponentName> NeededBy, bool IsDirect);
