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
