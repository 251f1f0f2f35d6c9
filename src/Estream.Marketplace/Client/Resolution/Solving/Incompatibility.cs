using Estream.Esf.Schema;

namespace Estream.Marketplace.Resolution;

/// <summary>Terms, each about a different package, that cannot all be true; caused by a fact or derived from two other
/// incompatibilities.</summary>
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

    /// <summary>The fact that causes the incompatibility; null if it is derived.</summary>
    public Fact? Fact { get; }

    /// <summary>The first cause of a derived incompatibility; null for a fact.</summary>
    public Incompatibility? Left { get; }

    /// <summary>The second cause of a derived incompatibility; null for a fact.</summary>
    public Incompatibility? Right { get; }

    /// <summary>True if the incompatibility states that the workspace cannot be resolved.</summary>
    public bool IsFailure =>
        Terms.Length == 0 || (Terms.Length == 1 && Terms[0].Package == SolverUniverse.WorkspaceId && Terms[0].IsPositive);
}

/// <summary>A statement about one package: a set of its versions, in which 0 means that the package is absent. The statement is true if the
/// chosen version is in the set.</summary>
internal readonly record struct Term(int Package, IntervalSet<int> Set)
{
    /// <summary>True if the term can hold only if the package is present.</summary>
    public bool IsPositive => !Set.StartsInside;
}

/// <summary>The cause of an incompatibility that is not derived from others.</summary>
internal abstract record Fact
{
    /// <summary>The workspace itself must be resolved.</summary>
    public sealed record Workspace : Fact;

    /// <summary>Versions of a package need versions of another package.</summary>
    /// <param name="From">The dependent package.</param>
    /// <param name="Versions">Its versions that have the requirement.</param>
    /// <param name="To">The required package.</param>
    /// <param name="Requirement">The range as written; null if there is none.</param>
    /// <param name="Allowed">The versions that satisfy the requirement.</param>
    public sealed record Dependency(SolverPackage From, IntervalSet<int> Versions, SolverPackage To, VersionRange? Requirement,
        IntervalSet<int> Allowed) : Fact;

    /// <summary>Versions of a package need a schema. If the schema comes from this provider, they need certain versions of the
    /// provider.</summary>
    public sealed record SchemaDependency(SolverPackage From, IntervalSet<int> Versions, SolverPackage Schema, SolverPackage Provider,
        VersionRange Range, IntervalSet<int> Allowed) : Fact;

    /// <summary>If the schema comes from this component, one of these versions is needed.</summary>
    public sealed record SchemaProvider(SolverPackage Schema, SolverPackage Provider, IntervalSet<int> Versions) : Fact;

    /// <summary>Versions of a component provide a schema, so that no other component may provide it.</summary>
    public sealed record ExclusiveProvider(SolverPackage Schema, SolverPackage Provider, IntervalSet<int> Versions) : Fact;

    /// <summary>Components that form a dependency cycle.</summary>
    public sealed record DependencyCycle(IReadOnlyList<SolverPackage> Members) : Fact;
}
