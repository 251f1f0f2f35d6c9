using Estream.Esf.Schema;

namespace Estream.Marketplace.Resolution;

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
    public sealed record Need(SolverPackage From, IntervalSet<int> Versions, SolverPackage To, VersionRange? Requirement, IntervalSet<int> Allowed) : Fact;

    /// <summary>Versions of a package need a schema, and of one of its providers certain versions when it is the one.</summary>
    public sealed record SchemaNeed(SolverPackage From, IntervalSet<int> Versions, SolverPackage Schema, SolverPackage Provider, VersionRange Range, IntervalSet<int> Allowed) : Fact;

    /// <summary>A schema that comes from a component is in some of its versions.</summary>
    public sealed record Provision(SolverPackage Schema, SolverPackage Provider, IntervalSet<int> Versions) : Fact;

    /// <summary>Versions of a component bring a schema along, so it comes from nobody else.</summary>
    public sealed record Rivalry(SolverPackage Schema, SolverPackage Provider, IntervalSet<int> Versions) : Fact;

    /// <summary>Components that need each other in a circle.</summary>
    public sealed record Circle(IReadOnlyList<SolverPackage> Members) : Fact;
}
