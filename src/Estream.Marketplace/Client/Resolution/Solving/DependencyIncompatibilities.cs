using Estream.Esf.Schema;
using Estream.Marketplace.Manifests;

namespace Estream.Marketplace.Resolution;

/// <summary>
/// What a chosen version needs, as incompatibilities: each is made once, for all versions around the chosen one that need the same, so that
/// one conflict teaches something about all of them.
/// </summary>
internal sealed class DependencyIncompatibilities(SolverUniverse universe)
{
    // The versions of a package about which something was already said, by what it needs; without a range, by what it brings along or the
    // tier it has.
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
                // A component that needs itself is the smallest circle.
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

    /// <summary>A schema somebody needs, of which this release is one provider, comes from no other while the release is there.</summary>
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

    /// <summary>Engines and tiers that are not as the release needs them.</summary>
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

    /// <summary>A schema that comes from a component needs a release of it that has the schema.</summary>
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

    /// <summary>A schema from somebody; and from whomever it comes, from a version of its that will do.</summary>
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
                // Where a component needs of its own schema another version than it has, both terms are about it, and are one.
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

    /// <summary>One of these versions without one of those, as two terms; as one where nothing is allowed.</summary>
    private static Term[] TermsOf(int from, IntervalSet<int> versions, int to, IntervalSet<int> allowed)
    {
        IntervalSet<int> forbidden = allowed.Complement();
        return forbidden.IsEverything ? [new Term(from, versions)] : [new Term(from, versions), new Term(to, forbidden)];
    }

    private static bool Needs(CandidateRelease release, ComponentRequirement need, int place)
    {
        // Releases of one component mostly list the same things in the same places.
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

    /// <summary>The versions around one that need the same; false when that was said before.</summary>
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
