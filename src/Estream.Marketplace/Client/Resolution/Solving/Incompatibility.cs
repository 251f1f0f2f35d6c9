using Estream.Esf.Schema;

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
    public bool IsFailure =>
        Terms.Length == 0 || (Terms.Length == 1 && Terms[0].Package == SolverUniverse.WorkspaceId && Terms[0].IsPositive);
}

/// <summary>A statement about one package: which of its versions are meant, with 0 for its not being there. True of a choice that is in the
/// set.</summary>
internal readonly record struct Term(int Package, IntervalSet<int> Set)
{
    /// <summary>True when it cannot hold without the package.</summary>
    public bool IsPositive => !Set.StartsInside;
}

/// <summary>Why an incompatibility holds that comes from the world and not from others.</summary>
internal abstract record Fact
{
    /// <summary>The workspace is what is resolved.</summary>
    public sealed record Workspace : Fact;

    /// <summary>Versions of a package need versions of another.</summary>
    /// <param name="From">Who needs.</param>
    /// <param name="Versions">Its versions that do.</param>
    /// <param name="To">What is needed.</param>
    /// <param name="Requirement">The range as it is written; empty where there is none to write.</param>
    /// <param name="Allowed">The versions that will do.</param>
    public sealed record Dependency(SolverPackage From, IntervalSet<int> Versions, SolverPackage To, VersionRange? Requirement,
        IntervalSet<int> Allowed) : Fact;

    /// <summary>Versions of a package need a schema, and of one of its providers certain versions when it is the one.</summary>
    public sealed record SchemaDependency(SolverPackage From, IntervalSet<int> Versions, SolverPackage Schema, SolverPackage Provider,
        VersionRange Range, IntervalSet<int> Allowed) : Fact;

    /// <summary>A schema that comes from a component is in some of its versions.</summary>
    public sealed record SchemaProvider(SolverPackage Schema, SolverPackage Provider, IntervalSet<int> Versions) : Fact;

    /// <summary>Versions of a component bring a schema along, so it comes from nobody else.</summary>
    public sealed record ExclusiveProvider(SolverPackage Schema, SolverPackage Provider, IntervalSet<int> Versions) : Fact;

    /// <summary>Components that need each other in a circle.</summary>
    public sealed record DependencyCycle(IReadOnlyList<SolverPackage> Members) : Fact;
}
