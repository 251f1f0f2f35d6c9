using Estream.Esf.Schema;
using Estream.Marketplace.Manifests;

namespace Estream.Marketplace.Resolution;

/// <summary>
/// Creates the incompatibilities for the requirements of a chosen version. Each incompatibility is created once and covers all adjacent
/// versions with the same requirement, so that one conflict excludes all these versions.
/// </summary>
internal sealed class DependencyIncompatibilities(SolverUniverse universe)
{
    // The versions of a package already covered, by requirement. A null range stands for a provided schema or a license tier.
    private readonly Dictionary<(int Package, PackageKind Kind, string Target, VersionRange? Range), IntervalSet<int>> _said = [];

    public IEnumerable<Incompatibility> Of(int id, int version)
    {
        SolverPackage package = universe[id];
        return package.Kind switch
        {
            PackageKind.Workspace => OfWorkspace(package),
            PackageKind.Component => OfRelease(package, version),
            PackageKind.Schema => OfProvider(package, version),
            _ => [],
        };
    }

    private IEnumerable<Incompatibility> OfWorkspace(SolverPackage workspace)
    {
        foreach (ComponentRequirement requirement in universe.Request.Requirements)
        {
            SolverPackage target = universe.Component(requirement.Name);
            yield return Dependency(workspace, IntervalSet<int>.From(1), target, requirement.Range,
                target.IndicesOf(universe.Effective(requirement)));
        }

        foreach (string schema in universe.Request.RequiredSchemas)
        {
            yield return NeedSchema(workspace, IntervalSet<int>.From(1), schema);
        }
    }

    private IEnumerable<Incompatibility> OfRelease(SolverPackage package, int version)
    {
        CandidateRelease release = package.Releases[version - 1];
        for (int i = 0; i < release.Dependencies.Count; i++)
        {
            ComponentRequirement need = release.Dependencies[i];
            int place = i;
            if (need.Name == release.Name)
            {
                // A component that needs itself is the smallest cycle.
                yield return DependencyCycles.OfOne(package);
            }
            else if (IsNew(package, version, PackageKind.Component, need.Name.ToString(), need.Range, other => Needs(other, need, place),
                out IntervalSet<int> versions))
            {
                SolverPackage target = universe.Component(need.Name);
                yield return Dependency(package, versions, target, need.Range, target.IndicesOf(universe.Effective(need)));
            }
        }

        foreach (SchemaRequirement need in release.ForeignSchemas)
        {
            if (IsNew(package, version, PackageKind.Schema, need.Schema, need.Range,
                other => other.ForeignSchemas.Any(same => same.Schema == need.Schema && same.Range.Equals(need.Range)),
                out IntervalSet<int> versions))
            {
                foreach (Incompatibility incompatibility in NeedSchema(package, versions, need))
                {
                    yield return incompatibility;
                }
            }
        }

        foreach (Incompatibility incompatibility in Rivalries(package, version, release).Concat(Surroundings(package, version, release)))
        {
            yield return incompatibility;
        }
    }

    /// <summary>A required schema that this release provides must not come from another provider while this release is chosen.</summary>
    private IEnumerable<Incompatibility> Rivalries(SolverPackage package, int version, CandidateRelease release)
    {
        foreach (string schema in release.ProvidedSchemas)
        {
            if (IsNew(package, version, PackageKind.Schema, schema, null, other => other.ProvidedSchemas.Contains(schema),
                out IntervalSet<int> versions))
            {
                SolverPackage target = universe.Schema(schema);
                int own = 1 + Array.IndexOf(target.Providers, release.Name);
                if (target.VersionCount > 1 && own > 0)
                {
                    IntervalSet<int> others = IntervalSet<int>.From(1).Except(target.One(own));
                    yield return new Incompatibility([new Term(package.Id, versions), new Term(target.Id, others)],
                        new Fact.ExclusiveProvider(target, package, versions));
                }
            }
        }
    }

    /// <summary>The engines and license tiers that do not meet the requirements of the release.</summary>
    private IEnumerable<Incompatibility> Surroundings(SolverPackage package, int version, CandidateRelease release)
    {
        foreach (EngineRequirement need in release.Engines)
        {
            bool isMet = universe.Request.Engines.TryGetValue(need.Engine, out SemanticVersion? running) && need.Range.Contains(running);
            if (!isMet && IsNew(package, version, PackageKind.Engine, need.Engine, need.Range,
                other => other.Engines.Any(same => same.Engine == need.Engine && same.Range.Equals(need.Range)),
                out IntervalSet<int> versions))
            {
                yield return Dependency(package, versions, universe.Engine(need.Engine), need.Range, IntervalSet<int>.Empty);
            }
        }

        if (release.LicenseTier > universe.Request.Policy.LicenseTier
            && IsNew(package, version, PackageKind.Tier, LicenseTierNames.Of(release.LicenseTier), null,
                other => other.LicenseTier == release.LicenseTier, out IntervalSet<int> tiered))
        {
            yield return Dependency(package, tiered, universe.Tier(release.LicenseTier), null, IntervalSet<int>.Empty);
        }
    }

    /// <summary>If a schema comes from a component, a release of the component that provides the schema is needed.</summary>
    private IEnumerable<Incompatibility> OfProvider(SolverPackage schema, int version)
    {
        SolverPackage provider = universe.Component(schema.Providers[version - 1]);
        IntervalSet<int> allowed = provider.Where(index => provider.Releases[index - 1].ProvidedSchemas.Contains(schema.Label));
        Term[] terms = TermsOf(schema.Id, schema.One(version), provider.Id, allowed);
        yield return new Incompatibility(terms, new Fact.SchemaProvider(schema, provider, allowed));
    }

    private Incompatibility NeedSchema(SolverPackage from, IntervalSet<int> versions, string schema)
    {
        SolverPackage target = universe.Schema(schema);
        return Dependency(from, versions, target, null, target.VersionCount == 0 ? IntervalSet<int>.Empty : IntervalSet<int>.From(1));
    }

    /// <summary>A provider for the schema is needed and, for each possible provider, a version of it in the required range.</summary>
    private IEnumerable<Incompatibility> NeedSchema(SolverPackage from, IntervalSet<int> versions, SchemaRequirement need)
    {
        yield return NeedSchema(from, versions, need.Schema);
        SolverPackage schema = universe.Schema(need.Schema);
        for (int index = 1; index <= schema.VersionCount; index++)
        {
            SolverPackage provider = universe.Component(schema.Providers[index - 1]);
            IntervalSet<int> allowed = provider.IndicesOf(universe.Effective(new ComponentRequirement(provider.Component!, need.Range)));
            if (!IntervalSet<int>.From(1).IsSubsetOf(allowed))
            {
                // If a component requires its own schema in a version other than its own, both terms concern the same package and are
                // merged.
                IntervalSet<int> needing = provider == from ? versions.Except(allowed) : versions;
                Term[] terms = [new Term(from.Id, needing), new Term(schema.Id, schema.One(index)), .. allowed.IsEmpty || provider == from
                    ? [] : new[] { new Term(provider.Id, allowed.Complement()) }];
                if (!needing.IsEmpty)
                {
                    yield return new Incompatibility(terms, new Fact.SchemaDependency(from, needing, schema, provider, need.Range,
                        allowed));
                }
            }
        }
    }

    private static Incompatibility Dependency(SolverPackage from, IntervalSet<int> versions, SolverPackage to, VersionRange? range,
        IntervalSet<int> allowed) =>
        new(TermsOf(from.Id, versions, to.Id, allowed), new Fact.Dependency(from, versions, to, range, allowed));

    /// <summary>Returns the terms "one of these versions, and none of the allowed ones"; a single term if nothing is allowed.</summary>
    private static Term[] TermsOf(int from, IntervalSet<int> versions, int to, IntervalSet<int> allowed)
    {
        IntervalSet<int> forbidden = allowed.Complement();
        return forbidden.IsEverything ? [new Term(from, versions)] : [new Term(from, versions), new Term(to, forbidden)];
    }

    private static bool Needs(CandidateRelease release, ComponentRequirement need, int place)
    {
        // Fast path: releases of one component mostly list the same dependencies at the same index.
        if (place < release.Dependencies.Count && IsSame(release.Dependencies[place], need))
        {
            return true;
        }

        foreach (ComponentRequirement other in release.Dependencies)
        {
            if (IsSame(other, need))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsSame(ComponentRequirement a, ComponentRequirement b) =>
        ReferenceEquals(a, b) || (a.Name == b.Name && a.Range.Equals(b.Range));

    /// <summary>Finds the adjacent versions with the same requirement; returns false if the version is already covered.</summary>
    private bool IsNew(SolverPackage package, int version, PackageKind kind, string target, VersionRange? range,
        Func<CandidateRelease, bool> needs, out IntervalSet<int> versions)
    {
        IntervalSet<int> said = _said.GetValueOrDefault((package.Id, kind, target, range));
        if (said.Contains(version))
        {
            versions = default;
            return false;
        }

        int low = version;
        int high = version;
        while (low > 1 && needs(package.Releases[low - 2]))
        {
            low--;
        }

        while (high < package.VersionCount && needs(package.Releases[high]))
        {
            high++;
        }

        versions = high == package.VersionCount ? IntervalSet<int>.From(low) : IntervalSet<int>.Between(low, high + 1);
        _said[(package.Id, kind, target, range)] = said.Union(versions);
        return true;
    }
}
