namespace Estream.Marketplace;

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
    public override string ToString() => string.Join('\n', Explanation.Concat(Hints.Select(hint => $"  - {hint}.".Replace("?.", "?", StringComparison.Ordinal))));
}
