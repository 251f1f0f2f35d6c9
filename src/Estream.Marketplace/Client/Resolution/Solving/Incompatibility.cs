namespace Estream.Marketplace.Resolution;

/// <summary>Terms that cannot all be true, each about another package, and why: a fact, or two others from which it follows.</summary>
internal sealed class Incompatibility
{
    public Incompatibility(Term[] terms, Fact fact)
    {
        Terms = terms;
        Fact = fact;
    }

    public Incompatibility(Term[] terms, Incompatibility left, Incompatibility right)
    {
        Terms = terms;
        Left = left;
        Right = right;
    }

    public Term[] Terms { get; }

    /// <summary>The fact it comes from; null for one that follows from others.</summary>
    public Fact? Fact { get; }

    /// <summary>The first it follows from; null for a fact.</summary>
    public Incompatibility? Left { get; }

    /// <summary>The second it follows from; null for a fact.</summary>
    public Incompatibility? Right { get; }

    /// <summary>True when it says that the workspace cannot be resolved.</summary>
    public bool IsFailure => Terms.Length == 0 || (Terms.Length == 1 && Terms[0].Package == SolverUniverse.WorkspaceId && Terms[0].IsPositive);
}
